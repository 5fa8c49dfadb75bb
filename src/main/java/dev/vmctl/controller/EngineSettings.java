package dev.vmctl.controller;

import dev.vmctl.model.EnginePolicy;
import dev.vmctl.workqueue.Backoff;
import java.time.Duration;

/**
 * What of the loop can be tuned.
 *
 * @param workers reconciles at the same time
 * @param backoff between tries of a step that fails
 * @param settle how long a watched source must have been unchanged before removals and disruptive
 *     changes
 * @param stopGrace how long a guest may take to stop when nobody said
 * @param readyTimeout how long a guest may take until it is ready
 * @param crashBackoff between restarts of a guest that keeps crashing; the first is at once
 * @param crashWindow crashes longer ago than this do not count
 * @param trashRetention how long the trash keeps things
 * @param policy what holds for VMs that say nothing else
 */
public record EngineSettings(
    int workers,
    Backoff backoff,
    Duration settle,
    Duration stopGrace,
    Duration readyTimeout,
    Backoff crashBackoff,
    Duration crashWindow,
    Duration trashRetention,
    EnginePolicy policy) {

  public static EngineSettings standard() {
    return new EngineSettings(
        16,
        Backoff.standard(),
        Duration.ofSeconds(3),
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5), 0),
        Duration.ofMinutes(10),
        Duration.ofDays(7),
        EnginePolicy.STANDARD);
  }

  public EngineSettings withSettle(Duration time) {
    return new EngineSettings(
        workers,
        backoff,
        time,
        stopGrace,
        readyTimeout,
        crashBackoff,
        crashWindow,
        trashRetention,
        policy);
  }

  public EngineSettings withPolicy(EnginePolicy other) {
    return new EngineSettings(
        workers,
        backoff,
        settle,
        stopGrace,
        readyTimeout,
        crashBackoff,
        crashWindow,
        trashRetention,
        other);
  }
}
