package dev.vmctl.cli;

import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Completions for bash and zsh: those of picocli, and the names of VMs where one is asked for. */
final class BashCompletion {
  private static final String NOTHING = "local positionals=\"\"\n";
  private static final String NAMES =
      "local positionals; positionals=$(\"${COMP_WORDS[0]}\" list -o name 2>/dev/null)\n";

  private BashCompletion() {}

  static String of(CommandLine root) {
    StringBuilder text = new StringBuilder(AutoComplete.bash("vmctl", root));
    offerNames(text, "_picocli_vmctl", root);
    return text.toString();
  }

  private static void offerNames(StringBuilder text, String function, CommandLine command) {
    for (Map.Entry<String, CommandLine> each : command.getSubcommands().entrySet()) {
      String inner = function + "_" + each.getKey().replaceAll("\\W", "");
      if (CompletionCommand.asksForVm(each.getValue())) {
        int at = text.indexOf(NOTHING, text.indexOf("function " + inner + "() {"));
        text.replace(at, at + NOTHING.length(), NAMES);
      }
      offerNames(text, inner, each.getValue());
    }
  }
}
