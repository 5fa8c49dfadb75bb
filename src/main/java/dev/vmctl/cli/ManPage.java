package dev.vmctl.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * A command's manual page, in man(7)'s language, from what its help says. Picocli's own generator
 * writes AsciiDoc, and to make pages of that takes a Ruby in the build.
 */
final class ManPage {
  private final StringBuilder text = new StringBuilder();

  private ManPage() {}

  /**
   * @param program name of the program's version, such as {@code vmctl 0.1.0}
   */
  static String of(CommandLine command, String program) {
    ManPage page = new ManPage();
    CommandSpec spec = command.getCommandSpec();
    String name = spec.qualifiedName("-");
    page.line(
        ".TH \""
            + escaped(name.toUpperCase(Locale.ROOT))
            + "\" 1 \"\" \""
            + escaped(program)
            + "\" \"vmctl\"");
    page.line(".SH NAME");
    page.line(escaped(name) + " \\- " + escaped(first(spec.usageMessage().description())));
    page.line(".SH SYNOPSIS");
    page.verbatim(command.getHelp().synopsis(0).lines().toList());
    page.line(".SH DESCRIPTION");
    page.paragraphs(spec.usageMessage().description());
    page.arguments("OPTIONS", spec);
    page.commands(command);
    page.exitCodes(spec.usageMessage());
    page.examples(".SH EXAMPLES", spec.usageMessage());
    if (command.getParent() != null) {
      page.line(".SH SEE ALSO");
      page.line(".BR vmctl (1)");
    }
    return page.text.toString();
  }

  private void arguments(String heading, CommandSpec spec) {
    line(".SH " + heading);
    terms(spec);
  }

  private void terms(CommandSpec spec) {
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      term("\\fI" + escaped(parameter.paramLabel()) + "\\fR", parameter);
    }
    for (OptionSpec option : spec.options()) {
      String names =
          String.join(
              ", ", Arrays.stream(option.names()).map(n -> "\\fB" + escaped(n) + "\\fR").toList());
      term(
          option.arity().max() > 0
              ? names + " \\fI" + escaped(option.paramLabel()) + "\\fR"
              : names,
          option);
    }
  }

  private void term(String head, ArgSpec argument) {
    if (!argument.hidden()) {
      line(".TP");
      line(head);
      line(escaped(String.join(" ", argument.description())));
    }
  }

  private void commands(CommandLine command) {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    line(".SH COMMANDS");
    boolean root = command.getParent() == null;
    command
        .getSubcommands()
        .forEach(
            (name, inner) -> {
              UsageMessageSpec usage = inner.getCommandSpec().usageMessage();
              if (root) { // Each has a page of its own.
                line(".TP");
                line("\\fB" + escaped(name) + "\\fR");
                line(escaped(first(usage.description())));
                return;
              }
              line(".SS " + escaped(inner.getCommandSpec().qualifiedName()));
              paragraphs(usage.description());
              verbatim(inner.getHelp().synopsis(0).lines().toList());
              terms(inner.getCommandSpec());
              examples(".PP\nExamples:", usage);
            });
  }

  private void exitCodes(UsageMessageSpec usage) {
    if (!usage.exitCodeList().isEmpty()) {
      line(".SH EXIT STATUS");
      usage
          .exitCodeList()
          .forEach(
              (code, meaning) -> {
                line(".TP");
                line(escaped(code.strip()));
                line(escaped(meaning));
              });
    }
  }

  private void examples(String heading, UsageMessageSpec usage) {
    if (usage.footer().length > 0) {
      line(heading);
      verbatim(Arrays.stream(usage.footer()).map(String::strip).toList());
    }
  }

  private void paragraphs(String... description) {
    for (String paragraph : description) {
      line(".PP");
      line(escaped(paragraph));
    }
  }

  private void verbatim(List<String> lines) {
    line(".PP");
    line(".nf");
    lines.forEach(each -> line(escaped(each)));
    line(".fi");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private static String first(String... description) {
    return description.length == 0 ? "" : description[0];
  }

  /** Text that means itself, also at the start of a line. */
  private static String escaped(String plain) {
    String safe = plain.replace("\\", "\\e").replace("-", "\\-").replace("…", "...");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
