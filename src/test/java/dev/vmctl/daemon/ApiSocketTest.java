package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiSocketTest {
  private Path root = Path.of("/nonexistent");
  private Path runtime = root;

  @BeforeEach
  void directories(@TempDir Path directory) {
    root = directory;
    runtime = directory.resolve("run");
  }

  @Test
  void aShortDataDirectoryHoldsItsSocket() throws IOException {
    Path data = data("data");
    ApiSocket socket = socket(data);
    socket.prepare();
    assertThat(socket.path()).isEqualTo(data.resolve("vmctl.sock"));
    assertThat(HttpApi.socket(data)).isEqualTo(socket.path());
    assertThat(runtime).doesNotExist();
  }

  @Test
  void aLongDataDirectoryNamesAPrivateSocketElsewhere() throws IOException {
    Path data = data("long/".repeat(30));
    ApiSocket socket = socket(data);
    socket.prepare();
    assertThat(socket.path()).startsWithRaw(runtime);
    assertThat(HttpApi.socket(data)).isEqualTo(socket.path());
    assertThat(permissions(runtime.resolve("vmctl"))).isEqualTo("rwx------");
    bind(socket);
  }

  @Test
  void twoLongDataDirectoriesHaveTwoSockets() throws IOException {
    assertThat(socket(data("long/".repeat(30))).path())
        .isNotEqualTo(socket(data("long/".repeat(31))).path());
  }

  @Test
  void aPathThatSettingsWouldExpandIsKeptOutOfThem() throws IOException {
    assertThat(socket(data("${user.home}")).path()).startsWithRaw(runtime);
  }

  @Test
  void theSocketOfADeadDaemonIsReplaced() throws IOException {
    ApiSocket socket = socket(data("data"));
    bind(socket);
    assertThat(socket.path()).exists();
    socket.prepare();
    bind(socket);
    socket.protect();
    assertThat(permissions(socket.path())).isEqualTo("rw-------");
  }

  @Test
  void nothingStaysWhenItIsRemoved() throws IOException {
    Path data = data("long/".repeat(30));
    ApiSocket socket = socket(data);
    socket.prepare();
    bind(socket);
    socket.remove();
    assertThat(socket.path()).doesNotExist();
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void aLinkWhereThePrivateDirectoryShouldBeIsRefused() throws IOException {
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    Files.createDirectories(runtime);
    Files.createSymbolicLink(runtime.resolve("vmctl"), elsewhere);
    ApiSocket socket = socket(data("long/".repeat(30)));
    assertThatThrownBy(socket::prepare)
        .isInstanceOf(VmException.class)
        .hasMessageContaining("is not a directory of ours");
  }

  /** Leaves a socket file nobody listens on, as a process that was killed does. */
  private static void bind(ApiSocket socket) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket.path()));
    }
  }

  private Path data(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  private ApiSocket socket(Path data) {
    Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", runtime.toString());
    return ApiSocket.of(data, new LinuxHostFacts(environment, root, "ann"));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
