package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The processes of a Linux host: identities from {@code /proc}, ends from pidfds. */
public final class LinuxHostProcesses implements HostProcesses {
  private static final File NOTHING = new File("/dev/null");
  private static final Path PROC = Path.of("/proc");
  private static final String WITHOUT_CAPABILITIES =
      "exec setpriv --inh-caps=-all --ambient-caps=-all -- \"$@\"";

  private final SystemdScopes scopes;
  private final ToolRunner tools = new ToolRunner();

  public LinuxHostProcesses() {
    this(SystemdScopes.ofThisHost());
  }

  LinuxHostProcesses(SystemdScopes scopes) {
    this.scopes = scopes;
  }

  @Override
  public HostProcess start(ProcessStart wanted) {
    ProcessStart start = withoutOurCapabilities(wanted);
    // The JDK closes every descriptor above 2 in the child, and reaps it while we live.
    long pid = scopes.start(start).orElseGet(() -> startSession(start)).pid();
    return find(pid).orElseGet(() -> new HostProcess(pid, HostProcess.GONE));
  }

  /**
   * What a service was given for itself, such as CAP_NET_ADMIN to make tap devices, a child would
   * have as well: only ambient capabilities outlive the start of a program that is not root's.
   */
  private static ProcessStart withoutOurCapabilities(ProcessStart start) {
    if (ownAmbientCapabilities() == 0) {
      return start;
    }
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WITHOUT_CAPABILITIES, "vmctl"));
    command.addAll(start.command());
    return new ProcessStart(command, start.output(), start.scope());
  }

  private static long ownAmbientCapabilities() {
    Path status = PROC.resolve("self/status");
    try (Stream<String> lines = Files.lines(status, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("CapAmb:"))
          .map(line -> Long.parseUnsignedLong(line.split("\\s+")[1], 16))
          .findFirst()
          .orElse(0L);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", status, e);
    }
  }

  private static Process startSession(ProcessStart start) {
    List<String> command = new ArrayList<>();
    // Our child leads no group, so setsid does not fork: the pid is that of the program.
    command.add("setsid");
    command.addAll(start.command());
    try {
      return new ProcessBuilder(command)
          .directory(new File("/"))
          .redirectInput(NOTHING)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(start.output().toFile()))
          .start();
    } catch (IOException e) {
      boolean files = Shortage.of(e).equals(Optional.of(Shortage.OPEN_FILES));
      // The JDK goes on for lines about what may be wrong with itself.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
      throw new VmException(
          ErrorCode.IO,
          "cannot start "
              + start.command().getFirst()
              + ": "
              + (files ? "too many open files" : reason),
          files
              ? Shortage.MORE_FILES
              : "check that the program and 'setsid' (package util-linux) are installed",
          e);
    }
  }

  @Override
  public Optional<HostProcess> find(long pid) {
    return ProcStat.read(PROC, pid)
        .filter(stat -> !stat.isDead())
        .map(stat -> new HostProcess(pid, stat.startTicks()));
  }

  @Override
  public List<String> commandLine(HostProcess process) {
    try {
      Path file = PROC.resolve(Long.toString(process.pid())).resolve("cmdline");
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      byte[] raw = text.getBytes(StandardCharsets.ISO_8859_1);
      String decoded = new String(raw, StandardCharsets.UTF_8);
      return isAlive(process) ? List.of(decoded.split("\0")) : List.of();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      if (!isAlive(process)) {
        return List.of();
      }
      throw new VmException(
          ErrorCode.IO, "cannot read the command line of process " + process.pid(), "", e);
    }
  }

  @Override
  public Optional<HostProcess> search(List<String> words) {
    return ProcessHandle.allProcesses()
        .flatMap(handle -> find(handle.pid()).stream())
        .filter(process -> Collections.indexOfSubList(commandLine(process), words) >= 0)
        .findFirst();
  }

  @Override
  public Optional<HostProcess> listener(Path socket) {
    int pid = LinuxCalls.listener(socket);
    // 0 is a process outside of our own pid namespace.
    return pid > 0 ? find(pid) : Optional.empty();
  }

  @Override
  public Optional<Path> directory(HostProcess process) {
    try {
      Path link = PROC.resolve(Long.toString(process.pid())).resolve("cwd");
      Path directory = Files.readSymbolicLink(link);
      return isAlive(process) ? Optional.of(directory) : Optional.empty();
    } catch (IOException gone) {
      // It has ended, or is another user's: either way nobody tells.
      return Optional.empty();
    }
  }

  @Override
  public Optional<ProcessUser> user(HostProcess process) {
    try {
      // Not the owner of the directory: that is root once a process has given up its rights.
      Path file = PROC.resolve(Long.toString(process.pid())).resolve("status");
      List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
      return isAlive(process)
          ? Optional.of(new ProcessUser(effective(lines, "Uid:"), effective(lines, "Gid:")))
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** The second of four numbers: real, effective, saved, for files. */
  private static int effective(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> (int) Long.parseLong(line.split("\\s+")[2]))
        .findFirst()
        .orElseThrow(() -> new VmException(ErrorCode.IO, "/proc tells no " + name, ""));
  }

  @Override
  public boolean isAlive(HostProcess process) {
    return find(process.pid()).filter(process::equals).isPresent();
  }

  @Override
  public boolean signal(HostProcess process, Signal signal) {
    int pidfd = openPidfd(process);
    if (pidfd < 0) {
      return false;
    }
    try {
      int result = LinuxCalls.pidfdSendSignal(pidfd, signal.number());
      if (result == -LinuxCalls.ESRCH) {
        return false;
      }
      if (result < 0) {
        throw new VmException(
            ErrorCode.IO,
            "cannot signal process " + process.pid() + ": errno " + -result,
            "it may belong to another user");
      }
      return true;
    } finally {
      FileCalls.close(pidfd);
    }
  }

  @Override
  public boolean awaitExit(HostProcess process, Duration deadline) throws InterruptedException {
    int pidfd = openPidfd(process);
    if (pidfd < 0) {
      return true;
    }
    long end = System.nanoTime() + deadline.toNanos();
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    // On a platform thread, because poll would pin a virtual one; the caller waits interruptibly.
    Thread.ofPlatform()
        .daemon()
        .name("await-exit-" + process.pid())
        .start(() -> pollUntil(pidfd, end, ended));
    try {
      return ended.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void pollUntil(int pidfd, long end, CompletableFuture<Boolean> ended) {
    try {
      int ready = 0;
      long left = Math.max(end - System.nanoTime(), 0);
      do {
        int milliseconds = (int) Math.min(TimeUnit.NANOSECONDS.toMillis(left) + 1, 3_600_000);
        ready = LinuxCalls.poll(pidfd, milliseconds);
        if (ready < 0 && ready != -FileCalls.EINTR) {
          throw new IllegalStateException("poll failed: errno " + -ready);
        }
        left = end - System.nanoTime();
      } while (ready <= 0 && left > 0);
      ended.complete(ready > 0);
    } catch (RuntimeException e) {
      ended.completeExceptionally(e);
    } finally {
      FileCalls.close(pidfd);
    }
  }

  /**
   * A descriptor that is certain to be of this process: the identity is checked after the opening,
   * so the number cannot change hands in between. Negative when the process is gone.
   */
  private int openPidfd(HostProcess process) {
    int pidfd = LinuxCalls.pidfdOpen(process.pid());
    if (pidfd == -LinuxCalls.ESRCH) {
      return -1;
    }
    if (pidfd < 0) {
      throw new VmException(
          ErrorCode.IO,
          "cannot watch process " + process.pid() + ": errno " + -pidfd,
          "vmctl needs Linux 5.3 or newer, and free file descriptors (ulimit -n)");
    }
    if (!isAlive(process)) {
      FileCalls.close(pidfd);
      return -1;
    }
    return pidfd;
  }

  @Override
  public ToolResult run(ToolRun tool) throws InterruptedException {
    return tools.run(tool);
  }
}
