package dev.vmctl.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** How a command writes its data. */
enum OutputFormat {
  TABLE,
  WIDE,
  JSON,
  YAML,
  NAME,
  /** Findings for code review sites and editors. */
  SARIF;

  /** Those of commands that list things. */
  static OutputFormat[] lists() {
    return new OutputFormat[] {TABLE, WIDE, JSON, YAML, NAME};
  }

  static Optional<OutputFormat> of(String text) {
    return Arrays.stream(values()).filter(each -> each.name().equalsIgnoreCase(text)).findFirst();
  }

  /** For completions: all that need no more than a word. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(OutputFormat::toString).iterator();
    }
  }

  /** As written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Refuses, as a wrong use of the command, a format that it does not have. */
  void requireOneOf(CommandSpec command, OutputFormat... known) {
    if (!Arrays.asList(known).contains(this)) {
      throw new CommandLine.ParameterException(
          command.commandLine(),
          "'"
              + command.name()
              + "' has no output format '"
              + this
              + "', but "
              + String.join(", ", Arrays.stream(known).map(OutputFormat::toString).toList()));
    }
  }
}
