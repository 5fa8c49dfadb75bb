package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a process has used since it started, as Linux counts it (proc(5)).
 *
 * @param cpuTicks hundredths of a second of processor time, in user and kernel mode
 * @param memoryBytes resident now
 * @param readBytes fetched from storage
 * @param writtenBytes sent to storage
 * @param network of its taps, from the guest's side; null when it has none: nobody counts the rest
 */
public record ProcessUse(
    long cpuTicks, long memoryBytes, long readBytes, long writtenBytes, @Nullable Network network) {

  /** Bytes of network traffic. */
  public record Network(long received, long sent) {}

  private static final int USER_TIME = 11; // Field 14 of stat; 3 is the first behind the name.

  /**
   * @param proc usually {@code /proc}
   * @param sys usually {@code /sys}
   * @return empty when the process is gone, or is not ours to look at
   */
  public static Optional<ProcessUse> of(Path proc, Path sys, long pid) {
    Path process = proc.resolve(Long.toString(pid));
    try {
      String stat = Files.readString(process.resolve("stat"));
      // The name may hold blanks and brackets: what counts stands behind its last bracket.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      List<String> io = Files.readAllLines(process.resolve("io"));
      return Optional.of(
          new ProcessUse(
              Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[USER_TIME + 1]),
              1024 * number(Files.readAllLines(process.resolve("status")), "VmRSS:"),
              number(io, "read_bytes:"),
              number(io, "write_bytes:"),
              network(process, sys)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static long number(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  private static @Nullable Network network(Path process, Path sys) throws IOException {
    long received = 0;
    long sent = 0;
    Set<String> taps = taps(process);
    for (String tap : taps) {
      Path statistics = sys.resolve("class/net").resolve(tap).resolve("statistics");
      // What the host sends on a tap the guest receives.
      received += counter(statistics.resolve("tx_bytes"));
      sent += counter(statistics.resolve("rx_bytes"));
    }
    return taps.isEmpty() ? null : new Network(received, sent);
  }

  /** The kernel tells for each open tap which interface it is. */
  private static Set<String> taps(Path process) throws IOException {
    Set<String> taps = new HashSet<>();
    try (Stream<Path> files = Files.list(process.resolve("fdinfo"))) {
      for (Path file : files.toList()) {
        for (String line : lines(file)) {
          if (line.startsWith("iff:")) {
            taps.add(line.substring("iff:".length()).strip());
          }
        }
      }
    }
    return taps;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException closedMeanwhile) {
      return List.of();
    }
  }

  private static long counter(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }
}
