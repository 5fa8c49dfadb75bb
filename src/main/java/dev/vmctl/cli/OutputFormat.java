package dev.vmctl.cli;

import java.util.Arrays;
import java.util.Locale;
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
