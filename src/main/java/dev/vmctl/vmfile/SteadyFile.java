package dev.vmctl.vmfile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A regular file's content as it was at one moment: a file that is written while it is read is read
 * again, a few times. What is not a regular file is never opened, so nothing ever waits for the
 * other end of a pipe.
 *
 * @param stamp what the file system said before and after reading
 */
public record SteadyFile<T>(FileStamp stamp, T content) {
  private static final int ATTEMPTS = 3;

  /** Makes something of a file's bytes; may be called more than once. */
  @FunctionalInterface
  public interface Content<T> {
    T from(InputStream bytes) throws IOException;
  }

  /** Why a file could not be read; the message continues "the file …". */
  public static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;
    private final VmFileCode code;
    private final String help;

    Failure(VmFileCode code, String message, String help) {
      super(message);
      this.code = code;
      this.help = help;
    }

    public VmFileCode code() {
      return code;
    }

    public String help() {
      return help;
    }

    @Override
    public String getMessage() {
      return Objects.requireNonNull(super.getMessage());
    }
  }

  public SteadyFile {
    Objects.requireNonNull(stamp);
    Objects.requireNonNull(content);
  }

  /**
   * Reads a file.
   *
   * @param limit largest size in bytes; a larger file is not opened
   */
  public static <T> SteadyFile<T> read(Path file, long limit, Content<T> content) throws Failure {
    try {
      FileStamp before = stamp(file, limit);
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        T made;
        try (InputStream bytes = Files.newInputStream(file)) {
          made = content.from(bytes);
        }
        FileStamp after = stamp(file, limit);
        if (after.equals(before)) {
          return new SteadyFile<>(after, made);
        }
        before = after;
      }
    } catch (IOException e) {
      throw failure(e);
    }
    throw new Failure(
        VmFileCode.CHANGING,
        "is being written: it changed each time it was read",
        "wait until it is complete; write a file under another name and rename it");
  }

  private static FileStamp stamp(Path file, long limit) throws IOException, Failure {
    FileStamp stamp = FileStamp.of(file);
    if (stamp.isDirectory()) {
      throw new Failure(
          VmFileCode.NOT_A_FILE, "is a directory, not a file", "name a file in it instead");
    }
    if (!stamp.isRegularFile()) {
      throw new Failure(
          VmFileCode.NOT_A_FILE,
          "is a pipe, a socket or a device, not a file",
          "save what it gives to a file, and name that");
    }
    if (stamp.size() > limit) {
      throw new Failure(
          VmFileCode.TOO_LARGE,
          "has " + stamp.size() + " bytes, " + limit + " are allowed",
          "is it the right file? A VMFile is text; large files stand beside it");
    }
    return stamp;
  }

  private static Failure failure(IOException e) {
    return switch (e) {
      case NoSuchFileException gone ->
          new Failure(VmFileCode.NOT_FOUND, "does not exist", "check the path");
      case AccessDeniedException denied ->
          new Failure(
              VmFileCode.UNREADABLE,
              "may not be read by this user",
              "give read permission, also on the directories above: chmod u+r, chown");
      default -> byMessage(e);
    };
  }

  /** The JDK has classes for some of the operating system's errors only. */
  private static Failure byMessage(IOException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    if (message.contains("Too many levels of symbolic links")) {
      return new Failure(
          VmFileCode.UNREADABLE,
          "is a symbolic link that leads back to itself",
          "remove the link, or make it point to a file");
    }
    return new Failure(
        VmFileCode.UNREADABLE, "cannot be read: " + message, "check the path and the disk");
  }
}
