package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command to some VMs, waited for. */
abstract class ErrandCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  ErrandCommand(Session session) {
    this.session = session;
  }

  /** What each VM is asked for. */
  abstract void ask(Vmctl vmctl, VmName name);

  /** What is waited for, with what else is to be seen meanwhile. */
  abstract Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen);

  /** What else there is to tell of VMs that are not where they should be. */
  void explain(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {}

  /** Whoever carries it out. */
  Vmctl writing(Session session) {
    return session.writing();
  }

  @Override
  public final Integer call() {
    selection.require();
    try (Vmctl vmctl = writing(session)) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      int code = errand(session, vmctl, chosen).waiting(wait).runEach(name -> ask(vmctl, name));
      if (code != ExitCode.DONE) {
        explain(session, vmctl, chosen);
      }
      return chosen.code(code);
    }
  }
}
