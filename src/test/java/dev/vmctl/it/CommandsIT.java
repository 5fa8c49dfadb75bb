package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person does with one guest that runs; and a program that uses vmctl as a library. */
class CommandsIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();

  /** Presses keys at a console on a pseudo-terminal of its own; ends as vmctl did. */
  private static final String PERSON =
      """
      import os, select, sys, termios
      pid, terminal = os.forkpty()
      if pid == 0:
          os.execvp(sys.argv[1], sys.argv[1:])
      before = termios.tcgetattr(terminal)
      seen = b''
      def until(words):
          global seen
          while words not in seen:
              if not select.select([terminal], [], [], 60)[0]:
                  sys.exit('no %r in %r' % (words, seen))
              seen += os.read(terminal, 4096)
          seen = seen[seen.index(words) + len(words):]
      until(b'Ctrl+] detaches')
      until(b'vmguest: ready')
      os.write(terminal, b'\\r')
      until(b'#')
      assert not termios.tcgetattr(terminal)[3] & termios.ECHO, 'the terminal echoes'
      os.write(terminal, b'echo $((6*7))x\\x03\\r')
      until(b'^C')
      os.write(terminal, b'echo $((6*7))y\\r')
      until(b'42y')
      os.write(terminal, b'\\x1d')
      until(b'detached from')
      code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
      assert termios.tcgetattr(terminal) == before, 'the terminal was left raw'
      sys.exit(code)
      """;

  @TempDir static Path directory;
  private static @Nullable Installation installation;

  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    Files.writeString(directory.resolve("VMFile.kdl"), GUEST.vm("web", 128));
    vmctl().succeed("up");
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  void directoriesAreCopiedBothWaysWithTheirModes() throws Exception {
    Path there = Files.createDirectories(directory.resolve("a site/sub"));
    Path script = Files.writeString(there.resolve("run it:now"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));

    vmctl().succeed("cp", "a site", "web:");
    assertThat(vmctl().inGuest("web", "stat -c %a 'a site/sub/run it:now'")).isEqualTo("750");
    vmctl().succeed("cp", "web:a site", "back");

    Path back = directory.resolve("back/sub/run it:now");
    assertThat(back).hasContent("#!/bin/sh\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back)))
        .isEqualTo("rwxr-x---");
    Installation.Ended missing = vmctl().vmctl("cp", "web:nothing", ".");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("error[ssh.failed]");
  }

  @Test
  void pipesAndOtherPrograms() throws Exception {
    vmctl().inGuest("web", "seq 5000 > 'it'\\''s'");
    assertThat(vmctl().succeed("cp", "web:it's", "-").out().lines()).hasSize(5000);
    Path config = directory.resolve("ssh config");
    Files.writeString(config, vmctl().succeed("ssh-config").out());
    Process ssh =
        new ProcessBuilder("ssh", "-F", config.toString(), "web", "wc -l < \"it's\"")
            .redirectErrorStream(true)
            .start();
    assertThat(new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("5000");
  }

  @Test
  void aPersonAtTheConsoleTypesDetachesAndHasTheTerminalAsBefore() throws Exception {
    Path script = Files.writeString(directory.resolve("person.py"), PERSON);
    vmctl().within(List.of("python3", script.toString()), Map.of());
    try {
      Installation.Ended person = vmctl().vmctl("console", "web", "--log");
      assertThat(person.exitCode()).as("%s", person).isZero();
    } finally {
      vmctl().within(List.of(), Map.of());
    }
  }

  @Test
  void aCommandRunsInTheGuestWithoutItsNetwork() throws Exception {
    Installation.Ended ended =
        vmctl().vmctl("exec", "web", "--", "sh", "-c", "id -u; echo 'a  b' >&2; exit 5");
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(5);
    assertThat(ended.out()).isEqualTo("0\n");
    assertThat(ended.err()).isEqualTo("a  b\n");
    Installation.Ended missing = vmctl().vmctl("exec", "web", "--", "no-such-program");
    assertThat(missing.exitCode()).isEqualTo(255);
    assertThat(missing.err()).contains("error[agent.refused]", "no-such-program");
    Installation.Ended late =
        vmctl().vmctl("exec", "--timeout", "1s", "web", "--", "sleep", "4242");
    assertThat(late.err()).contains("error[timeout]", "SIGTERM");
    Installation.await(
        "end of the command that took too long",
        () ->
            vmctl()
                .vmctl("exec", "web", "--", "sh", "-c", "ps | grep -q '[s]leep 4242'")
                .exitCode(),
        code -> code == 1);
  }

  @Test
  void theScreenIsAPictureAndIsSeenByVnc() throws Exception {
    vmctl().succeed("screenshot", "web", "screen.png");
    assertThat(ImageIO.read(directory.resolve("screen.png").toFile()).getWidth())
        .isGreaterThan(100);
    URI address = URI.create(vmctl().succeed("vnc", "web", "--print").out().strip());
    assertThat(firstBytes(address.getPort(), 12)).isEqualTo("RFB 003.008\n");
    assertThat(vmctl().succeed("top", "--count", "1", "--interval", "1s", "--no-headers").out())
        .containsPattern("^web +\\d+\\.\\d +1 +[1-9]\\d*M +128M +");
  }

  @Test
  void portsLeadBothWaysAndTheAgentComesAlong() throws Exception {
    int ours = freePort();
    Installation.Running forwarding =
        vmctl().start("ssh", "-N", "-L", ours + ":127.0.0.1:22", "web");
    awaitGreeting(ours);
    end(forwarding, ours);
    forwarding = vmctl().start("port-forward", "web", ours + ":22");
    awaitGreeting(ours);
    end(forwarding, ours);
    try (ServerSocket here = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> greet(here));
      Installation.Ended reached =
          vmctl()
              .succeed(
                  "ssh",
                  "-R",
                  "7777:127.0.0.1:" + here.getLocalPort(),
                  "web",
                  "--",
                  "nc 127.0.0.1 7777 < /dev/null");
      assertThat(reached.out()).isEqualTo("from the host\n");
    }
    Path socket = directory.resolve("agent");
    Process agent =
        new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Installation.await("the agent", () -> Files.exists(socket), there -> there);
      vmctl().within(List.of(), Map.of("SSH_AUTH_SOCK", socket.toString()));
      assertThat(vmctl().vmctl("ssh", "web", "--", "test -S \"$SSH_AUTH_SOCK\"").exitCode())
          .isEqualTo(1);
      vmctl().succeed("ssh", "-A", "web", "--", "test -S \"$SSH_AUTH_SOCK\"");
    } finally {
      agent.destroy();
      vmctl().within(List.of(), Map.of());
    }
  }

  @Test
  void severalHaveTheConsoleAndOneAShellInWindowsOfTheirOwn() throws Exception {
    String server = directory.resolve("tmux").toString();
    List<String> tmux = List.of("tmux", "-f", "/dev/null", "-S", server);
    String program = Path.of(System.getProperty("vmctl.basedir", ""), "bin/vmctl").toString();
    String console = program + " console web";
    String environment = "VMCTL_NO_BUILD=1 VMCTL_DATA_DIR='" + vmctl().data() + "' ";
    try {
      run(tmux, "new-session", "-d", "-x", "101", "-y", "31", environment + console);
      run(tmux, "set-option", "-g", "remain-on-exit", "on");
      awaitShown(tmux, "0", "detaches");
      run(tmux, "new-window", "-d", environment + console);
      awaitShown(tmux, "1", "detaches");
      run(tmux, "send-keys", "-t", ":0", "echo $((40+2))seen", "Enter");
      awaitShown(tmux, "0", "42seen");
      awaitShown(tmux, "1", "42seen");
      run(tmux, "send-keys", "-t", ":0", "C-]");
      awaitShown(tmux, "0", "detached from");
      run(tmux, "send-keys", "-t", ":1", "echo $((40+3))still", "Enter");
      awaitShown(tmux, "1", "43still");
      run(tmux, "new-window", "-d", environment + console + " --size");
      awaitShown(tmux, "2", "detaches");
      run(tmux, "send-keys", "-t", ":2", "stty size", "Enter");
      awaitShown(tmux, "2", "\n31 101");
      run(tmux, "new-window", "-d", environment + program + " ssh web; echo status $?; cat");
      awaitShown(tmux, "3", "vm@web:~$");
      run(tmux, "send-keys", "-t", ":3", "stty size; tty; exit 3", "Enter");
      awaitShown(tmux, "3", "\n31 101\n/dev/pts/");
      awaitShown(tmux, "3", "status 3");
    } finally {
      run(tmux, "kill-server");
    }
  }

  private static String run(List<String> tmux, String... words) throws Exception {
    List<String> command = new ArrayList<>(tmux);
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    return said;
  }

  private static void awaitShown(List<String> tmux, String window, String words) {
    Installation.await(
        "'" + words + "' in window " + window,
        () -> run(tmux, "capture-pane", "-p", "-t", ":" + window),
        shown -> shown.contains(words));
  }

  private static void end(Installation.Running running, int port) throws Exception {
    running.process().destroy();
    running.end();
    Installation.await("end of its ssh", () -> isFree(port), free -> free);
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket free = new ServerSocket()) {
      free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (BindException taken) {
      return false;
    }
  }

  private static void awaitGreeting(int port) {
    Installation.await(
        "an SSH server at port " + port,
        () -> {
          try {
            return firstBytes(port, 4);
          } catch (IOException notYet) {
            return "";
          }
        },
        "SSH-"::equals);
  }

  private static String firstBytes(int port, int count) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return new String(socket.getInputStream().readNBytes(count), StandardCharsets.US_ASCII);
    }
  }

  private static void greet(ServerSocket here) {
    try (Socket guest = here.accept()) {
      guest.getOutputStream().write("from the host\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException over) {
      throw new UncheckedIOException(over);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  @Test
  void aProgramUsesVmctlAsALibrary() throws Exception {
    Path source =
        Path.of(System.getProperty("vmctl.basedir", ""), "examples/library/UpAndAway.java");
    Path classes = Files.createDirectory(directory.resolve("classes"));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-d", classes.toString(), source.toString());
    assertThat(compiled).isZero();
    Path file = Files.writeString(directory.resolve("other.kdl"), GUEST.vm("library", 128));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      var main = loader.loadClass("UpAndAway").getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) new String[] {file.toString(), vmctl().data().toString()});
    } finally {
      System.setOut(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("Linux x86_64\n", "library: exit code 0\n");
    assertThat(vmctl().succeed("list", "-o", "name").out()).isEqualTo("web\n");
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
