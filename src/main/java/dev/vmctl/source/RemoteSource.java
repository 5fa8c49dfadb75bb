package dev.vmctl.source;

/** A source that is fetched from elsewhere, which {@link #read} never does: it only looks here. */
public interface RemoteSource extends Source {
  RemoteState state();

  /** Asks for a fetch soon, not for its result. */
  void sync();

  /** Leaves it alone from now on, over restarts too; what it declares stays in force. */
  void suspend();

  /** Follows it again, beginning now. */
  void resume();
}
