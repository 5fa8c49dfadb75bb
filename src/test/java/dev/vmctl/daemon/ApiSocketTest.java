package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
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

  @Test
  void theSystemsSocketIsForItsGroupAndClosedUntilItIs() throws IOException {
    Path directory = root.resolve("vmctl");
    Path path = directory.resolve("vmctl.sock");
    GroupPrincipal group =
        Files.readAttributes(root, PosixFileAttributes.class).group(); // One that we may give.
    ApiSocket socket = new ApiSocket(path, data("data").resolve("pointer"), group.getName());
    socket.prepare();
    assertThat(permissions(directory)).isEqualTo("rwx------");
    bind(socket);
    socket.protect();
    assertThat(permissions(path)).isEqualTo("rw-rw----");
    assertThat(Files.readAttributes(path, PosixFileAttributes.class).group()).isEqualTo(group);
    assertThat(permissions(directory)).isEqualTo("rwxr-xr-x");
    assertThat(Files.readString(socket.pointer()).strip()).isEqualTo(path.toString());
  }

  @Test
  @Fault(area = Area.API, value = "the system's daemon on a host without its group")
  void aHostWithoutTheGroupIsTold(Seen seen) throws IOException {
    Path directory = root.resolve("vmctl");
    Path path = directory.resolve("vmctl.sock");
    ApiSocket socket = new ApiSocket(path, data("data").resolve("pointer"), "no-such-group");
    socket.prepare();
    bind(socket);
    assertThatThrownBy(socket::protect)
        .isInstanceOfSatisfying(VmException.class, failure -> seen.failed(failure));
    assertThat(permissions(directory)).isEqualTo("rwx------");
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
