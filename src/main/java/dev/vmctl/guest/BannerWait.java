package dev.vmctl.guest;

import dev.vmctl.guest.BannerProbe.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a guest's SSH server to show its banner.
 *
 * <p>A connection proves nothing: QEMU's user network accepts before the guest has a network, and
 * such a connection stays silent until the guest's next answer to a retransmission, seconds later.
 * So a silent connection is kept, because a slow guest may still answer it, and further ones are
 * opened beside it; few, because SSH servers count connections that do not log in.
 */
final class BannerWait {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final int MAX_OPEN = 4;

  /** Words that say that the guest, or QEMU for it, refuses connections to its SSH server. */
  static final String REFUSED = "nothing listens there";

  static final String NO_SERVER = "no SSH server listens in it";

  private final SshTarget target;
  private final ExecutorService threads;
  private final Deadline deadline;
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final Deque<BannerProbe> open = new ArrayDeque<>();

  private record Answer(BannerProbe probe, Seen seen) {}

  BannerWait(SshTarget target, ExecutorService threads) {
    this.target = target;
    this.threads = threads;
    this.deadline = Deadline.in(target.deadline());
  }

  /**
   * @throws VmException ssh.timeout
   */
  void await() throws InterruptedException {
    Seen last = new Seen.Silent();
    try {
      do {
        BannerProbe probe = openProbe();
        Seen answer = next(PATIENCE);
        last = answer == null ? probe.soFar() : answer;
        if (last instanceof Seen.Banner) {
          return;
        }
        if (answer != null && pause() instanceof Seen.Banner) {
          return;
        }
      } while (!deadline.isOver());
      throw timeout(last);
    } finally {
      open.forEach(BannerProbe::close);
    }
  }

  private BannerProbe openProbe() {
    if (open.size() == MAX_OPEN) {
      open.removeFirst().close();
    }
    BannerProbe probe =
        new BannerProbe(
            target, deadline.left(), (from, seen) -> answers.add(new Answer(from, seen)));
    open.addLast(probe);
    threads.execute(probe);
    return probe;
  }

  /** Between tries that end at once; ends early when an older connection shows a banner. */
  private @Nullable Seen pause() throws InterruptedException {
    Deadline period = Deadline.in(PERIOD);
    Seen answer;
    do {
      answer = next(period.left());
    } while (answer != null && !(answer instanceof Seen.Banner) && !period.isOver());
    return answer;
  }

  private @Nullable Seen next(Duration patience) throws InterruptedException {
    Answer answer = answers.poll(deadline.atMost(patience).toNanos(), TimeUnit.NANOSECONDS);
    if (answer == null) {
      return null;
    }
    open.remove(answer.probe());
    return answer.seen();
  }

  /** What a connection showed, for people. */
  static String words(Seen seen) {
    return switch (seen) {
      case Seen.Refused refused -> REFUSED + " (connection refused)";
      case Seen.Unreachable unreachable -> "it cannot be reached (" + unreachable.reason() + ")";
      case Seen.ClosedAtOnce closed ->
          "connections are closed at once, as when the guest runs but " + NO_SERVER;
      case Seen.SpeaksOther other ->
          "something that is not an SSH server answers: '" + other.firstLine() + "'";
      case Seen.Silent silent -> "it accepts connections and stays silent";
      case Seen.Banner banner -> throw new IllegalStateException("not a failure: " + banner);
    };
  }

  private VmException timeout(Seen last) {
    String what = words(last);
    return new VmException(
        ErrorCode.SSH_TIMEOUT,
        "no SSH server answered at "
            + target.address()
            + " within "
            + seconds(deadline.length())
            + ": "
            + what,
        "see how far the guest has booted: vmctl log "
            + target.name()
            + " --console; the image needs an SSH server that starts at boot");
  }

  static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
