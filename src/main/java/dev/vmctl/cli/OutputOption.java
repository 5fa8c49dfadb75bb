package dev.vmctl.cli;

import picocli.CommandLine.Option;

/** The option for the form of the data. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "Form of the output: table, wide, json, yaml or name, as far as it has them.")
  OutputFormat format = OutputFormat.TABLE;
}
