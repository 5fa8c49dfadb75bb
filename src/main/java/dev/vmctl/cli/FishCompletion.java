package dev.vmctl.cli;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completions for fish, which picocli does not write. */
final class FishCompletion {
  private FishCompletion() {}

  static String of(CommandLine root) {
    StringBuilder text = new StringBuilder("complete -c vmctl -f\n");
    String noneYet = "__fish_use_subcommand";
    for (Map.Entry<String, CommandLine> each : root.getSubcommands().entrySet()) {
      String name = each.getKey();
      CommandLine command = each.getValue();
      text.append(line(noneYet, "-a " + name, summary(command)));
      String within = "__fish_seen_subcommand_from " + name;
      text.append(names(within, command));
      command
          .getSubcommands()
          .forEach(
              (inner, spec) -> {
                text.append(line(within, "-a " + inner, summary(spec)));
                text.append(names(within + "; and __fish_seen_subcommand_from " + inner, spec));
              });
      for (OptionSpec option : command.getCommandSpec().options()) {
        text.append(line(within, names(option), String.join(" ", option.description())));
      }
    }
    return text.toString();
  }

  private static String names(String condition, CommandLine command) {
    return CompletionCommand.asksForVm(command)
        ? line(condition, "-a '(vmctl list -o name 2>/dev/null)'", "VM")
        : "";
  }

  private static String names(OptionSpec option) {
    StringBuilder names = new StringBuilder();
    for (String name : option.names()) {
      names.append(names.isEmpty() ? "" : " ");
      names.append(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
    }
    return option.arity().max() > 0 ? names + values(option) : names.toString();
  }

  /** What may follow the option; files where nothing else is known. */
  private static String values(OptionSpec option) {
    Iterable<String> candidates = option.completionCandidates();
    if (candidates != null) {
      return " -x -a '" + String.join(" ", candidates) + "'";
    }
    return Path.class.equals(option.type()) ? " -r -F" : " -r";
  }

  private static String summary(CommandLine command) {
    String[] description = command.getCommandSpec().usageMessage().description();
    return description.length == 0 ? "" : description[0];
  }

  private static String line(String condition, String what, String description) {
    return "complete -c vmctl -n '%s' %s -d '%s'%n"
        .formatted(condition, what, description.replace("\\", "\\\\").replace("'", "\\'"));
  }
}
