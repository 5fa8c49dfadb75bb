package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.source.git.GitRepository;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * An open engine: what users may ask of it, and what only its host does.
 *
 * @param resync relists the sources and looks at every VM
 * @param stats what it says of itself
 * @param repositories that are followed now
 * @param close ends the engine and leaves the VMs running
 */
record RunningEngine(
    Vmctl api,
    Runnable resync,
    Supplier<EngineStats> stats,
    Supplier<List<GitRepository>> repositories,
    Runnable close) {
  RunningEngine {
    Objects.requireNonNull(api);
    Objects.requireNonNull(resync);
    Objects.requireNonNull(stats);
    Objects.requireNonNull(repositories);
    Objects.requireNonNull(close);
  }
}
