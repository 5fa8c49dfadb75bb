package dev.vmctl.controller;

import dev.vmctl.api.ProgramRequest;
import dev.vmctl.api.ProgramView;
import dev.vmctl.guest.ProgramEnd;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.plan.Situation.Seen;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Has to do with a guest that runs, whoever's engine keeps it: programs in it, and its screen. */
final class Bystander {
  private static final Duration SCREEN = Duration.ofSeconds(10);

  /** Beyond what was asked for: an agent may be in conversation with somebody else. */
  private static final Duration PATIENCE = Duration.ofSeconds(35);

  private final Engine engine;

  Bystander(Engine engine) {
    this.engine = engine;
  }

  /**
   * @throws VmException as {@link dev.vmctl.api.Vmctl#startProgram} says
   */
  long start(VmRecord record, ProgramRequest request) {
    return await(
        record,
        engine.parts().guests().startProgram(agent(record), request.command(), request.input()),
        Duration.ZERO);
  }

  ProgramView program(VmRecord record, long id, Duration wait) {
    Duration bounded = wait.compareTo(Watchers.LONGEST_WAIT) < 0 ? wait : Watchers.LONGEST_WAIT;
    return await(record, engine.parts().guests().awaitProgram(agent(record), id, bounded), bounded)
        .map(end -> new ProgramView(id, view(end)))
        .orElseGet(() -> new ProgramView(id, null));
  }

  private static ProgramView.End view(ProgramEnd end) {
    return new ProgramView.End(end.exitCode(), end.out(), end.err(), end.cut());
  }

  byte[] screenshot(VmRecord record) {
    Seen seen = Observing.seen(engine.seen(record));
    if (seen != Seen.RUNNING && seen != Seen.SUSPENDED) {
      throw notRunning(record);
    }
    return hypervisor(record).screenshot(engine.observing().handle(record), SCREEN);
  }

  private Path agent(VmRecord record) {
    if (Observing.seen(engine.seen(record)) != Seen.RUNNING) {
      throw notRunning(record);
    }
    return hypervisor(record)
        .agent(engine.observing().handle(record))
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.CAPABILITY_MISSING,
                    hypervisor(record).backend().text() + " has no way to a guest's agent",
                    "use 'vmctl ssh " + record.name() + " -- COMMAND'"));
  }

  private Hypervisor hypervisor(VmRecord record) {
    return engine.parts().hypervisors().of(Observing.specThatRuns(record));
  }

  static VmException notRunning(VmRecord record) {
    return record.isSuspended()
        ? new VmException(
            ErrorCode.VM_INVALID_STATE,
            record.name() + " is suspended",
            "let it run on: vmctl resume " + record.name())
        : new VmException(
            ErrorCode.VM_INVALID_STATE, record.name() + " does not run", start(record));
  }

  static String start(VmRecord record) {
    return "see 'vmctl status %1$s'; start it with 'vmctl start %1$s'".formatted(record.name());
  }

  private static <T> T await(VmRecord record, CompletableFuture<T> answer, Duration asked) {
    try {
      return answer.get(asked.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VmException failed) {
        throw failed;
      }
      throw new IllegalStateException("cannot ask the agent of " + record.name(), e);
    } catch (TimeoutException | CancellationException e) {
      throw new VmException(
          ErrorCode.TIMEOUT, "the agent of " + record.name() + " takes too long", "try again", e);
    } catch (InterruptedException e) {
      throw VmException.interrupted("the agent of " + record.name(), e);
    } finally {
      answer.cancel(true);
    }
  }
}
