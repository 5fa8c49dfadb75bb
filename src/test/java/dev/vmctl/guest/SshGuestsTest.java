package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** Single commands and files. */
class SshGuestsTest extends SshGuestsFixture {
  @Test
  void theOutputOfACommandComesBackWithItsExitCode() throws Exception {
    try (FakeSshServer server =
            server(
                command -> {
                  command.out.write("to out: ".getBytes(StandardCharsets.UTF_8));
                  command.in.transferTo(command.out);
                  command.error.write("to error".getBytes(StandardCharsets.UTF_8));
                  command.error.flush();
                  command.out.flush();
                  command.exit(42);
                });
        SshConnection connection = guests.connect(target(server.port()))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream error = new ByteArrayOutputStream();
      RemoteExit exit =
          connection.exec("anything", new ByteArrayInputStream(new byte[] {'i', 'n'}), out, error);

      assertThat(exit).isEqualTo(new RemoteExit.Code(42));
      assertThat(out).hasToString("to out: in");
      assertThat(error).hasToString("to error");
    }
  }

  @Test
  void aFileComesBackAsItWentWithItsMode() throws Exception {
    Path local = directory.resolve("a.bin");
    byte[] content = new byte[300_000];
    new java.util.Random(1).nextBytes(content);
    Files.write(local, content);
    Files.setPosixFilePermissions(local, PosixFilePermissions.fromString("rwxr-x--x"));
    String remote = directory.resolve("remote.bin").toString();
    Path back = directory.resolve("back.bin");
    try (FakeSshServer server = server(command -> command.exit(0));
        SshConnection connection = guests.connect(target(server.port()))) {
      connection.upload(local, remote);
      connection.download(remote, back);

      assertThat(back).hasBinaryContent(content);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back)))
          .isEqualTo("rwxr-x--x");
      assertFails(() -> connection.download(remote + ".missing", back), ErrorCode.SSH_FAILED)
          .withMessageContaining("the guest says");
      assertThat(back).hasBinaryContent(content);
    }
  }
}
