package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Locks whose holders the kernel tells in {@code /proc/locks}. */
public final class LinuxHostLocks extends Flocks {
  private static final int PID_FIELD = 4;
  private static final int FILE_FIELD = 5;

  public LinuxHostLocks(HostProcesses processes) {
    super(processes);
  }

  @Override
  List<Long> pids(Path path) throws IOException {
    String inode = String.valueOf(Files.getAttribute(path, "unix:ino"));
    try (Stream<String> locks = Files.lines(Path.of("/proc/locks"))) {
      // "1: FLOCK ADVISORY WRITE 4711 08:02:131 0 EOF". The inode alone is compared: some file
      // systems (btrfs) show another device here than stat does. Waiters have an arrow: skipped.
      return locks
          .map(line -> line.trim().split("\\s+", -1))
          .filter(fields -> fields.length > FILE_FIELD && fields[1].equals("FLOCK"))
          .filter(fields -> fields[FILE_FIELD].endsWith(":" + inode))
          .map(fields -> Long.valueOf(fields[PID_FIELD]))
          .toList();
    }
  }
}
