package dev.vmctl.api;

import dev.vmctl.model.VmEvent;
import java.util.List;

/**
 * Events, oldest first.
 *
 * @param next where to go on: a place in the journal, which rises whatever the clock does, and
 *     outlives the daemon
 */
public record EventPage(List<VmEvent> events, long next) {
  public EventPage {
    events = List.copyOf(events);
  }
}
