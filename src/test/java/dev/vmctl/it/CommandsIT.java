package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
