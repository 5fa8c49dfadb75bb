package dev.vmctl.cli;

import dev.vmctl.model.EnginePolicy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many VMs may come up at once, where the command itself brings them up. */
final class StartOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  private int parallel;

  @Option(
      names = "--overcommit",
      description = "Without a daemon: start VMs though the host has not the memory free.")
  private boolean overcommit;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Without a daemon: so many at most on their way up at once. Default: any.")
  void parallel(@Nullable Integer most) {
    if (most != null && (most < 1 || most > 1000)) {
      throw new ParameterException(
          command.commandLine(), "--parallel: '" + most + "' is not 1 to 1000");
    }
    parallel = most == null ? 0 : most;
  }

  EnginePolicy policy() {
    return EnginePolicy.STANDARD.starting(parallel, overcommit);
  }
}
