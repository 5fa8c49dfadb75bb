package dev.vmctl.hypervisor.qmp;

import dev.vmctl.model.VmException;

/**
 * Is told what comes over one connection unasked: from one thread, in order, never while a reply is
 * kept waiting for it.
 */
public interface QmpListener {
  void event(QmpEvent event);

  /** The connection is lost, or was closed by us; told once, after the last event. */
  void closed(VmException cause);

  /** A listener for who only asks. */
  static QmpListener ignoring() {
    return new QmpListener() {
      @Override
      public void event(QmpEvent event) {}

      @Override
      public void closed(VmException cause) {}
    };
  }
}
