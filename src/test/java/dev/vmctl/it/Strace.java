package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the command line's own JVM under strace, which can kill it at a chosen system call. What the
 * JVM starts is let go at its exec: a QEMU is neither slowed nor killed.
 *
 * @param directory for what strace and vmctl write
 * @param data the data directory
 */
record Strace(Path directory, Path data) {
  /**
   * Calls after which there is something that was not before, or is not what was. At each call the
   * JVM dies before the kernel acts, so the state after a call is met at the next one.
   */
  private static final String CALLS =
      "rename,link,unlink,rmdir,mkdir,chmod,fsync,fdatasync,ftruncate,connect,kill,tgkill,execve";

  private static final Path CHECKOUT =
      Path.of(Objects.requireNonNullElse(System.getProperty("vmctl.basedir"), "."))
          .toAbsolutePath();

  private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\((.*)$");

  /** SIGKILL from outside of the JVM, as a shell tells it. */
  private static final int KILLED = 137;

  /**
   * A place at which a command can be killed.
   *
   * @param call the system call
   * @param number which of these calls of the first thread that makes so many, from 1
   * @param about what the call is about, for people
   */
  record Cut(String call, int number, String about) {
    @Override
    public String toString() {
      return call + " " + number + (about.isEmpty() ? "" : ": " + about);
    }
  }

  /** Runs the command to its end and tells the places at which it could have been killed. */
  List<Cut> cuts(List<String> arguments) throws Exception {
    Path trace = directory.resolve("trace");
    int exitCode = run(List.of("-e", "trace=" + CALLS, "-o", trace.toString()), arguments);
    assertThat(exitCode).as("exit code of %s: %s", arguments, said()).isZero();
    Map<String, Cut> cuts = new LinkedHashMap<>();
    Map<String, Integer> made = new HashMap<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher call = CALL.matcher(line);
      if (call.find()) {
        String name = call.group(2);
        int number = made.merge(call.group(1) + name, 1, Integer::sum);
        cuts.putIfAbsent(name + number, new Cut(name, number, about(call.group(3))));
      }
    }
    return List.copyOf(cuts.values());
  }

  /**
   * Runs the command and kills it there. strace counts the calls of each thread by itself.
   *
   * @return whether it came there; how often it writes a record depends on what happens meanwhile
   */
  boolean kill(Cut cut, List<String> arguments) throws Exception {
    String inject = "inject=%s:signal=KILL:when=%d".formatted(cut.call(), cut.number());
    int exitCode =
        run(List.of("-e", "trace=" + cut.call(), "-e", inject, "-o", "/dev/null"), arguments);
    assertThat(exitCode).as("%s, to be killed at %s: %s", arguments, cut, said()).isIn(0, KILLED);
    return exitCode == KILLED;
  }

  private int run(List<String> options, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-y", "-b", "execve"));
    command.addAll(options);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+AutoCreateSharedArchive",
            "-XX:SharedArchiveFile=" + directory.resolve("classes.jsa"),
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "--enable-native-access=ALL-UNNAMED",
            "-Djna.platform.library.path=",
            "-Dslf4j.internal.verbosity=ERROR",
            // One thread carries all virtual ones, so that its calls have one order.
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-cp",
            classPath(),
            "dev.vmctl.cli.Main",
            "--data-dir",
            data.toString()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    assertThat(process.waitFor(Installation.PATIENCE))
        .as("end of %s: %s", arguments, said())
        .isTrue();
    return process.exitValue();
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("said"));
  }

  /** The libraries of the build, without those of the daemon's framework that get in the way. */
  private static String classPath() throws IOException {
    Path application = CHECKOUT.resolve("target/quarkus-app");
    try (Stream<Path> own = Files.list(application.resolve("app"));
        Stream<Path> libraries = Files.list(application.resolve("lib/main"))) {
      return Stream.concat(own, libraries.filter(jar -> !jar.toString().contains("logmanager")))
          .map(Path::toString)
          .sorted()
          .collect(Collectors.joining(":"));
    }
  }

  private String about(String arguments) {
    return arguments
        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*")
        .replaceAll("\\d+<([^>]*)>", "$1")
        .replace(data.toString(), "")
        .replaceAll("\\) += .*$", "");
  }
}
