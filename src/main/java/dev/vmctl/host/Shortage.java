package dev.vmctl.host;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** What a host has run out of. The JDK has no types for it: libc's texts tell, in the C locale. */
enum Shortage {
  /** ENOSPC, EDQUOT. */
  DISK,
  /** EMFILE, ENFILE. */
  OPEN_FILES;

  /** What to do when there are too many open files. */
  static final String MORE_FILES =
      "let this process open more files: ulimit -n 4096; for a daemon under systemd LimitNOFILE=4096";

  /** What this failure comes from; empty when from something else. */
  static Optional<Shortage> of(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left on device") || message.contains("quota exceeded")) {
      return Optional.of(DISK);
    }
    return message.contains("too many open files") ? Optional.of(OPEN_FILES) : Optional.empty();
  }
}
