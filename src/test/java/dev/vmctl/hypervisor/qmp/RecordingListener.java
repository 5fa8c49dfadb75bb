package dev.vmctl.hypervisor.qmp;

import dev.vmctl.model.VmException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what it is told. */
final class RecordingListener implements QmpListener {
  final List<QmpEvent> events = new CopyOnWriteArrayList<>();
  final List<VmException> ends = new CopyOnWriteArrayList<>();
  final CountDownLatch ended = new CountDownLatch(1);

  @Override
  public void event(QmpEvent event) {
    events.add(event);
  }

  @Override
  public void closed(VmException cause) {
    ends.add(cause);
    ended.countDown();
  }

  List<String> names() {
    return events.stream().map(QmpEvent::name).toList();
  }
}
