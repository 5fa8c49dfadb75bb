package dev.vmctl.hypervisor.qmp;

import java.util.concurrent.ThreadFactory;

/**
 * The kinds of thread a connection is made of.
 *
 * <p>Platform threads for I/O: virtual ones are no faster here (0.27 ms a round trip either way),
 * and would stand still while other code holds the few carriers of a small host. Then every VM
 * would look as if it did not answer.
 *
 * @param io reads or writes the socket
 * @param delivery tells the listener
 */
record QmpThreads(ThreadFactory io, ThreadFactory delivery) {
  static QmpThreads standard() {
    return new QmpThreads(
        Thread.ofPlatform().daemon().name("qmp-io").factory(),
        Thread.ofVirtual().name("qmp-events").factory());
  }
}
