package dev.vmctl.daemon;

import dev.vmctl.model.VmEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jboss.logging.Logger;

/**
 * Takes events somewhere, on a thread of its own: the loop never waits for it. What does not fit
 * into its queue, or does not arrive after a few tries, is lost; that is counted, and said when it
 * begins and when it ends.
 */
final class EventSink implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(EventSink.class);
  static final int MOST = 1000;
  private static final int TRIES = 5;

  /** How one event is taken there. */
  @FunctionalInterface
  interface Delivery {
    /**
     * @throws IOException when it did not arrive
     */
    void deliver(VmEvent event) throws IOException, InterruptedException;
  }

  /** Did not arrive, and never will. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final String name;
  private final Delivery delivery;
  private final Duration firstPause;
  private final Runnable lost;
  private final BlockingQueue<VmEvent> queue = new ArrayBlockingQueue<>(MOST);
  private final Thread thread;
  private volatile boolean troubled;

  /**
   * @param name one word
   * @param firstPause before the second try; doubles
   * @param lost told of each event that is
   */
  EventSink(String name, Delivery delivery, Duration firstPause, Runnable lost) {
    this.name = name;
    this.delivery = delivery;
    this.firstPause = firstPause;
    this.lost = lost;
    this.thread = Thread.ofVirtual().name("events to " + name).start(this::run);
  }

  /** Takes it there soon; never waits. */
  void offer(VmEvent event) {
    if (!queue.offer(event)) {
      lose("its queue is full");
    }
  }

  private void run() {
    try {
      while (true) {
        deliver(queue.take());
      }
    } catch (InterruptedException closed) {
      LOG.debugf("events to %s: closed", name);
    }
  }

  private void deliver(VmEvent event) throws InterruptedException {
    Duration pause = firstPause;
    for (int attempt = 1; ; attempt++) {
      try {
        delivery.deliver(event);
        recovered();
        return;
      } catch (IOException e) {
        if (attempt == TRIES || e instanceof Refused) {
          lose(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
          return;
        }
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private void lose(String why) {
    lost.run();
    if (!troubled) {
      LOG.warnf("events do not get to the %s and are lost until they do: %s", name, why);
    }
    troubled = true;
  }

  private void recovered() {
    if (troubled) {
      LOG.infof("events get to the %s again", name);
    }
    troubled = false;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
