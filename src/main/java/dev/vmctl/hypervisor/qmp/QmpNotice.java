package dev.vmctl.hypervisor.qmp;

import dev.vmctl.model.VmException;

/** What is waiting to be told to the listener. */
sealed interface QmpNotice {
  record Event(QmpEvent event) implements QmpNotice {}

  record Closed(VmException cause) implements QmpNotice {}
}
