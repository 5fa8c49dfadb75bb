package dev.vmctl.plan;

import java.util.Objects;

/** One thing to do. Each has a reason for people. */
public sealed interface Action {
  String reason();

  /** Name for plans, events and records. */
  String name();

  /** Make the disk and the seed. Precondition: nothing of the VM runs. */
  record Create(String reason) implements Action {
    public Create {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "create";
    }
  }

  /**
   * Put the disk into the trash, so that a new one can be made. Precondition: nothing of the VM
   * runs.
   */
  record TrashDisk(String reason) implements Action {
    public TrashDisk {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "replace";
    }
  }

  /**
   * Bring disk and seed to what is declared. Precondition: nothing of the VM runs, its disk is
   * there.
   */
  record Prepare(String reason) implements Action {
    public Prepare {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "update";
    }
  }

  /** Start the guest. Precondition: nothing of the VM runs, disk and seed are there. */
  record Start(String reason) implements Action {
    public Start {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "start";
    }
  }

  /** Note that what is declared is what runs: the change needs nothing done. Precondition: none. */
  record Accept(String reason) implements Action {
    public Accept {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "update";
    }
  }

  /** Make the live changes on the guest that runs. Precondition: it runs. */
  record Adjust(String reason) implements Action {
    public Adjust {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "change";
    }
  }

  /** Ask the guest to stop, end it if it does not. Precondition: it runs or is frozen. */
  record Stop(String reason) implements Action {
    public Stop {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "stop";
    }
  }

  /** Clear away what is left of a guest that has ended. Precondition: it has ended. */
  record Reap(String reason) implements Action {
    public Reap {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "stop";
    }
  }

  /** Freeze the guest. Precondition: it runs. */
  record Suspend(String reason) implements Action {
    public Suspend {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "suspend";
    }
  }

  /** Thaw the guest. Precondition: it is frozen. */
  record Resume(String reason) implements Action {
    public Resume {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "resume";
    }
  }

  /** Wait until the guest is ready. Precondition: it runs. */
  record AwaitReady(String reason) implements Action {
    public AwaitReady {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "wait";
    }
  }

  /** Run the provision steps. Precondition: the guest is ready. */
  record Provision(String reason) implements Action {
    public Provision {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "provision";
    }
  }

  /** Remove the VM: into the trash, or for good. Precondition: nothing of it runs. */
  record Destroy(String reason) implements Action {
    public Destroy {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "destroy";
    }
  }

  /**
   * Take, go back to, or delete a snapshot. Precondition: its disk is there; no guest has ended.
   */
  record Snapshot(String reason) implements Action {
    public Snapshot {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "snapshot";
    }
  }

  /** Write the guest's memory to its disk, and end it. Precondition: it is frozen. */
  record Save(String reason) implements Action {
    public Save {
      Objects.requireNonNull(reason);
    }

    @Override
    public String name() {
      return "suspend";
    }
  }
}
