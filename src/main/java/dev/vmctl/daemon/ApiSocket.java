package dev.vmctl.daemon;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.ThisHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The unix socket of a data directory's daemon: {@code vmctl.sock} in it, or, where that path is
 * too long for a socket, one in the user's private directory for such things, named by {@code
 * vmctl.sock.path}.
 *
 * <p>Who prepares or removes it holds the daemon's lock.
 *
 * @param path the socket
 * @param pointer the file that names the socket when it is elsewhere
 * @param group who may use it beside its owner; null for nobody
 */
record ApiSocket(Path path, Path pointer, @Nullable String group) {
  /** The kernel takes 107 bytes; some leave room for a suffix. */
  private static final int LONGEST_PATH_BYTES = 100;

  /** That of the whole host's daemon. */
  static ApiSocket ofSystem(Path path, Path dataDirectory) {
    return new ApiSocket(path, dataDirectory.resolve(HttpApi.SOCKET_POINTER), HttpApi.SYSTEM_GROUP);
  }

  static ApiSocket of(Path dataDirectory, HostFacts host) {
    Path near = dataDirectory.resolve(HttpApi.SOCKET);
    Path pointer = dataDirectory.resolve(HttpApi.SOCKET_POINTER);
    return new ApiSocket(
        fits(near) ? near : host.runtimeDirectory().resolve(digest(dataDirectory) + ".sock"),
        pointer,
        null);
  }

  /** Makes way for binding: removes what a dead daemon left, and says where the socket will be. */
  void prepare() {
    try {
      if (isInDataDirectory()) {
        Files.deleteIfExists(pointer);
      } else {
        if (group == null) {
          makePrivate(directory());
        } else {
          makeReachable(directory());
        }
        AtomicFiles.write(pointer, path + "\n", AtomicFiles.Access.OWNER);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw AtomicFiles.failure("replace", path, e);
    }
  }

  /** Closes the bound socket to all but its owner; until now its directory did that alone. */
  void protect() {
    try {
      if (group != null) {
        Files.getFileAttributeView(path, PosixFileAttributeView.class)
            .setGroup(groupOf(path, group));
      }
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(group == null ? "rw-------" : "rw-rw----"));
      if (group != null) {
        Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("protect", path, e);
    }
  }

  void remove() {
    try {
      Files.deleteIfExists(path);
      Files.deleteIfExists(pointer);
    } catch (IOException e) {
      throw AtomicFiles.failure("remove", path, e);
    }
  }

  private boolean isInDataDirectory() {
    return directory().equals(pointer.getParent());
  }

  private Path directory() {
    Path directory = path.getParent();
    if (directory == null) {
      throw new IllegalStateException(path + " has no directory");
    }
    return directory;
  }

  /** Quarkus expands {@code ${…}} in its settings, and has them trimmed: keep off such paths. */
  private static boolean fits(Path path) {
    String text = path.toString();
    return text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH_BYTES
        && text.matches("[\\p{Alnum}/._@%+=:-]+");
  }

  private static GroupPrincipal groupOf(Path path, String name) throws IOException {
    try {
      return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new VmException(
          ErrorCode.CONFIG_INVALID,
          "there is no group " + name + " on this host",
          "groupadd --system " + name + "; its members may use the daemon of the system",
          e);
    }
  }

  /** Closed to all until {@link #protect}: others could connect between the two. */
  private static void makeReachable(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, DataDirectory.OWNER_ONLY);
  }

  /** In a directory all may write to, somebody else may have made ours before us. */
  private static void makePrivate(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(directory, DataDirectory.PRIVATE);
    }
    boolean ours =
        Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && ThisHost.owns(directory);
    if (!ours) {
      throw new VmException(
          ErrorCode.IO,
          directory + " is not a directory of ours",
          "remove it, or set XDG_RUNTIME_DIR to a directory that only you may write to");
    }
    Files.setPosixFilePermissions(directory, DataDirectory.OWNER_ONLY);
  }

  private static String digest(Path dataDirectory) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(dataDirectory.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
