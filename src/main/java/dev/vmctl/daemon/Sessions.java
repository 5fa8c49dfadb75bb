package dev.vmctl.daemon;

import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Browsers that may see the page. A link holds a code, which is good once and for minutes; it is
 * exchanged for a session. Both are kept as digests, and not beyond the life of the daemon.
 */
final class Sessions {
  static final Duration CODE_LIFE = Duration.ofMinutes(5);
  static final Duration SESSION_LIFE = Duration.ofHours(12);
  private static final int MOST = 100;

  private final LongSupplier nanoTime;
  private final Map<String, Long> codes = bounded();
  private final Map<String, Long> sessions = bounded();

  Sessions(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized String newCode() {
    return issue(codes, CODE_LIFE);
  }

  /** A session for a code; empty for one that never was, was used before, or is too old. */
  synchronized Optional<String> exchange(String code) {
    Long end = codes.remove(digest(code));
    return end == null || end - nanoTime.getAsLong() < 0
        ? Optional.empty()
        : Optional.of(issue(sessions, SESSION_LIFE));
  }

  synchronized boolean isOpen(String session) {
    Long end = sessions.get(digest(session));
    return end != null && end - nanoTime.getAsLong() >= 0;
  }

  synchronized void close(String session) {
    sessions.remove(digest(session));
  }

  private String issue(Map<String, Long> into, Duration life) {
    String secret = AccessToken.random();
    into.put(digest(secret), nanoTime.getAsLong() + life.toNanos());
    return secret;
  }

  private static String digest(String secret) {
    return HexFormat.of().formatHex(AccessToken.sha256(secret));
  }

  /** The oldest go first. */
  private static Map<String, Long> bounded() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
        return size() > MOST;
      }
    };
  }
}
