package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that are either the old ones or the new ones, never half of each, also after a power
 * failure: temporary file in the same directory, fsync, rename, fsync of the directory. What a
 * killed writer leaves goes with the next write of the same file.
 */
public final class AtomicFiles {
  /** Who may read what is written. */
  public enum Access {
    /** The owner alone (0600): keys, and what names them. */
    OWNER("rw-------"),
    /** Everybody (0644). */
    EVERYBODY("rw-r--r--");

    private final Set<PosixFilePermission> permissions;

    Access(String permissions) {
      this.permissions = Set.copyOf(PosixFilePermissions.fromString(permissions));
    }
  }

  private static final String TEMPORARY_SUFFIX = ".tmp";

  /** What a temporary file's name has after that of the file: whose it is, and a UUID. */
  private static final Pattern TEMPORARY = Pattern.compile("(\\d{1,18})\\.[0-9a-f-]{36}\\.tmp");

  private AtomicFiles() {}

  /**
   * Writes a file whole.
   *
   * @throws VmException DISK_FULL when there is no room (the old file is untouched), IO otherwise
   */
  public static void write(Path file, byte[] content, Access access) {
    Path directory = parent(file);
    String prefix = "." + file.getFileName() + ".";
    Path temporary =
        directory.resolve(
            prefix + ProcessHandle.current().pid() + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try {
      removeLeftovers(directory, prefix);
      try {
        writeSynced(temporary, content, access);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      syncDirectory(directory);
    } catch (IOException e) {
      throw failure("write", file, e);
    }
  }

  public static void write(Path file, String content, Access access) {
    write(file, content.getBytes(StandardCharsets.UTF_8), access);
  }

  /**
   * Makes an empty file that only its owner may read, for others to fill.
   *
   * @throws VmException IO when it is there already, or cannot be made
   */
  public static void createPrivate(Path file) {
    try {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(Access.OWNER.permissions));
    } catch (IOException e) {
      throw failure("make", file, e);
    }
  }

  /**
   * Makes a deletion, a creation or a rename in this directory durable.
   *
   * @throws IOException when the directory cannot be opened or the disk refuses
   */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** What writers of the same file have left that were killed. One that lives is not disturbed. */
  private static void removeLeftovers(Path directory, String prefix) throws IOException {
    DirectoryStream.Filter<Path> leftovers =
        entry -> {
          String name = entry.getFileName().toString();
          if (!name.startsWith(prefix)) {
            return false;
          }
          Matcher rest = TEMPORARY.matcher(name).region(prefix.length(), name.length());
          return rest.matches() && ProcessHandle.of(Long.parseLong(rest.group(1))).isEmpty();
        };
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, leftovers)) {
      for (Path leftover : entries) {
        Files.deleteIfExists(leftover);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** What to tell the user of a failure to {@code what} this path; tells a full disk apart. */
  public static VmException failure(String what, Path path, IOException e) {
    Optional<Shortage> shortage = Shortage.of(e);
    if (shortage.equals(Optional.of(Shortage.DISK))) {
      return new VmException(
          ErrorCode.DISK_FULL,
          "cannot " + what + " " + path + ": no space left",
          "free some space on the file system of " + parent(path) + " and try again",
          e);
    }
    if (shortage.equals(Optional.of(Shortage.OPEN_FILES))) {
      return new VmException(
          ErrorCode.IO,
          "cannot " + what + " " + path + ": too many open files",
          Shortage.MORE_FILES,
          e);
    }
    return new VmException(
        ErrorCode.IO,
        "cannot " + what + " " + path + ": " + reason(path, e),
        what.equals("read")
            ? "see to it that it is a file, and that you may read it"
            : "check that the directory exists and that you may write there",
        e);
  }

  /** In words: the JDK's own are often the name of the file and no more. */
  private static String reason(Path path, IOException e) {
    if (!(e instanceof FileSystemException failure) || failure.getFile() == null) {
      return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
    String reason =
        switch (failure) {
          case NoSuchFileException _ -> "no such file or directory";
          case AccessDeniedException _ -> "permission denied";
          case FileAlreadyExistsException _ -> "it exists already";
          case NotDirectoryException _ -> "not a directory";
          case FileSystemException other when other.getReason() != null -> other.getReason();
          case FileSystemException other -> other.getClass().getSimpleName();
        };
    boolean named = failure.getOtherFile() == null && failure.getFile().equals(path.toString());
    String other = failure.getOtherFile() == null ? "" : " -> " + failure.getOtherFile();
    return named ? reason : failure.getFile() + other + ": " + reason;
  }

  private static void writeSynced(Path temporary, byte[] content, Access access)
      throws IOException {
    FileAttribute<Set<PosixFilePermission>> born =
        PosixFilePermissions.asFileAttribute(access.permissions);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(temporary, options, born)) {
      // The umask may have taken bits away; it never adds any, so nothing was open meanwhile.
      Files.setPosixFilePermissions(temporary, access.permissions);
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }
}
