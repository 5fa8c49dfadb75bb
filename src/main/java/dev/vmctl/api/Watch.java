package dev.vmctl.api;

import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Set;

/** VMs as they change, for one who follows them. Not for use by several threads. */
public interface Watch extends AutoCloseable {
  /**
   * The first time, and whenever the thread is lost, all as they are now, without waiting; else
   * what has changed since, or, after {@code wait}, nothing.
   *
   * @throws VmException when whoever told of them is gone
   */
  Changes next(Duration wait);

  @Override
  void close();

  /** Asks for the changes each time. */
  static Watch asking(Vmctl vmctl, Set<VmName> names) {
    return new Watch() {
      private long version;

      @Override
      public Changes next(Duration wait) {
        Changes changes = vmctl.changes(names, version, wait);
        version = changes.version();
        return changes;
      }

      @Override
      public void close() {
        // Nothing is kept between two questions.
      }
    };
  }
}
