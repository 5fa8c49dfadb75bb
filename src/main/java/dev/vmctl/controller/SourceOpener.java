package dev.vmctl.controller;

import dev.vmctl.model.AddedSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.source.Source;

/** How sources are opened and followed on this host. */
public interface SourceOpener {
  /**
   * Opens a source that somebody adds.
   *
   * @throws VmException usage when it cannot be followed as it says
   */
  Source open(AddedSource added);

  /** Begins to tell the engine when it may have changed. */
  void follow(Source source);

  /** Ends that for good: what was fetched of it goes once no VM needs it, see {@link #sweep}. */
  void leave(SourceId source);

  /**
   * Deletes what was fetched of sources that were left, as far as it is not needed any more; tells
   * the engine what cannot be deleted.
   */
  void sweep();

  /** Where a source is configured, for people; empty for one that was added by a command. */
  String place(SourceId source);

  /** For an engine that keeps to the sources it was given. */
  static SourceOpener none() {
    return new SourceOpener() {
      @Override
      public Source open(AddedSource added) {
        throw new VmException(
            ErrorCode.DAEMON_UNREACHABLE,
            "sources are followed by a daemon, and this is none",
            "start one: vmctl daemon");
      }

      @Override
      public void follow(Source source) {}

      @Override
      public void leave(SourceId source) {}

      @Override
      public void sweep() {}

      @Override
      public String place(SourceId source) {
        return "the program";
      }
    };
  }
}
