package dev.vmctl.cli;

import dev.vmctl.model.VmName;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;

/** {@code vmctl completion}. */
@Command(
    name = "completion",
    description = "Print what makes a shell complete vmctl's commands and options.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(vmctl completion bash)",
      "  vmctl completion zsh > ~/.zsh/_vmctl && source ~/.zsh/_vmctl",
      "  vmctl completion fish > ~/.config/fish/completions/vmctl.fish",
    })
final class CompletionCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell = Shell.BASH;

  /** The shells. */
  enum Shell {
    BASH,
    ZSH,
    FISH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    CommandLine all = new Cli(session).commandLine(null);
    session
        .terminal()
        .out()
        .print(
            switch (shell) {
              // The script is for both: it loads zsh's bash completion by itself.
              case BASH, ZSH -> BashCompletion.of(all);
              case FISH -> FishCompletion.of(all);
            });
    return ExitCode.DONE;
  }

  /** Whether names of VMs follow the command. */
  static boolean asksForVm(CommandLine command) {
    return command.getCommandSpec().positionalParameters().stream()
        .map(PositionalParamSpec::auxiliaryTypes)
        .anyMatch(types -> types[0] == VmName.class);
  }
}
