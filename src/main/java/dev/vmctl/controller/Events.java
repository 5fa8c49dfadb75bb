package dev.vmctl.controller;

import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import dev.vmctl.store.EventJournal;
import dev.vmctl.workqueue.Timeline;
import org.jspecify.annotations.Nullable;

/** Tells what happened: to the journal and to the observer. */
final class Events {
  private final Timeline timeline;
  private final EventJournal journal;
  private final Observer observer;

  Events(EngineParts parts) {
    timeline = parts.timeline();
    journal = parts.journal();
    observer = parts.observer();
  }

  void normal(@Nullable VmName vm, String reason, String message) {
    tell(VmEvent.Type.NORMAL, vm, reason, message);
  }

  void warning(@Nullable VmName vm, String reason, String message) {
    tell(VmEvent.Type.WARNING, vm, reason, message);
  }

  private void tell(VmEvent.Type type, @Nullable VmName vm, String reason, String message) {
    observer.event(journal.add(new VmEvent(timeline.now(), type, reason, vm, message, 1)));
    if (!journal.isWritable()) {
      observer.eventLost("journal");
    }
  }
}
