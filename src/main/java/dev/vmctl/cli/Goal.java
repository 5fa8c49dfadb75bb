package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.VmState;

/** What a command wants to see of a VM before it ends. */
enum Goal {
  READY("ready") {
    @Override
    boolean isReached(VmStatus vm) {
      // A guest that answers, but whose provisioning failed, is not what was asked for.
      return vm.summary().ready() && isApplied(vm) && vm.failure() == null;
    }
  },
  STOPPED("stopped") {
    @Override
    boolean isReached(VmStatus vm) {
      return isIn(vm, VmState.STOPPED) || isIn(vm, VmState.PENDING);
    }
  },
  /** No process runs it, whether it has stopped or is suspended to disk. */
  DOWN("down") {
    @Override
    boolean isReached(VmStatus vm) {
      return STOPPED.isReached(vm) || (SUSPENDED.isReached(vm) && vm.summary().pid() == null);
    }
  },
  SUSPENDED("suspended") {
    @Override
    boolean isReached(VmStatus vm) {
      return isIn(vm, VmState.SUSPENDED);
    }
  },
  RUNNING("running") {
    @Override
    boolean isReached(VmStatus vm) {
      return isIn(vm, VmState.RUNNING);
    }
  },
  /** Its disk and the like are made; it need not run. */
  PREPARED("created") {
    @Override
    boolean isReached(VmStatus vm) {
      return isApplied(vm);
    }
  },
  GONE("gone") {
    @Override
    boolean isReached(VmStatus vm) {
      return false; // Then it has no status any more.
    }
  };

  private final String text;

  Goal(String text) {
    this.text = text;
  }

  /** Asked of a settled VM: whether it is where the command wants it. */
  abstract boolean isReached(VmStatus vm);

  String text() {
    return text;
  }

  private static boolean isApplied(VmStatus vm) {
    return vm.generation() == vm.observedGeneration();
  }

  private static boolean isIn(VmStatus vm, VmState state) {
    return vm.summary().state().equals(state.text());
  }
}
