package dev.vmctl.cli;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for the form of the data. */
final class OutputOption {
  private static final String JSON_PATH = "jsonpath=";

  private final Set<OutputFormat> formats;
  OutputFormat format = OutputFormat.TABLE;

  /** What to write of the JSON; null for all of it. */
  private @Nullable JsonTemplate template;

  /** Of a command that shows things. */
  OutputOption() {
    this(EnumSet.complementOf(EnumSet.of(OutputFormat.SARIF)));
  }

  OutputOption(Set<OutputFormat> formats) {
    this.formats = formats;
  }

  @Option(names = "--no-headers", description = "Tables without their first line.")
  private boolean noHeaders;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      completionCandidates = OutputFormat.Words.class,
      description =
          "Form of the output: table, wide, json, yaml, name or jsonpath=TEMPLATE, as far as it has them.")
  @SuppressWarnings("UnusedMethod") // the parser calls it
  private void read(String text) {
    if (text.startsWith(JSON_PATH)) {
      template = JsonTemplateParser.parse(text.substring(JSON_PATH.length()));
      format = OutputFormat.JSON;
      return;
    }
    template = null;
    format =
        OutputFormat.of(text)
            .filter(formats::contains)
            .orElseThrow(
                () ->
                    new TypeConversionException(
                        "there is no output format '"
                            + text
                            + "', but "
                            + String.join(
                                ", ", formats.stream().map(OutputFormat::toString).toList())
                            + " and jsonpath=TEMPLATE"));
  }

  Optional<JsonTemplate> template() {
    return Optional.ofNullable(template);
  }

  /** Writes data in this form. */
  DataOutput data(Terminal terminal) {
    return new DataOutput(terminal.out(), template);
  }

  void print(Terminal terminal, TableText table) {
    terminal.out().print(text(terminal, table));
  }

  String text(Terminal terminal, TableText table) {
    TableText shown = noHeaders ? table.withoutHeading() : table;
    return terminal.outIsTerminal() ? shown.fitting(TerminalMode::columns) : shown.text();
  }
}
