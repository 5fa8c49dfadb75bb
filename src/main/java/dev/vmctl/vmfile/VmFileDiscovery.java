package dev.vmctl.vmfile;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds VMFiles: one for a command, all for a directory. */
public final class VmFileDiscovery {
  /** What a VMFile is called where nobody says otherwise. */
  public static final String NAME = "VMFile.kdl";

  private static final String SUFFIX = ".kdl";

  private VmFileDiscovery() {}

  /**
   * The VMFile a command means.
   *
   * @param given the file named on the command line; null if none was
   * @throws VmException {@link ErrorCode#VMFILE_NOT_FOUND} if there is none
   */
  public static Path find(@Nullable Path given, Path currentDirectory) {
    Path file = currentDirectory.resolve(given == null ? Path.of(NAME) : given).toAbsolutePath();
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      if (given != null && Files.isDirectory(file)) {
        throw new VmException(
            ErrorCode.VMFILE_NOT_FOUND,
            file + " is a directory, not a VMFile",
            "name the file: --file " + given.resolve(NAME));
      }
      return file;
    }
    throw given == null
        ? new VmException(
            ErrorCode.VMFILE_NOT_FOUND,
            "there is no " + NAME + " in " + currentDirectory.toAbsolutePath(),
            "change to the directory that has one, or name it with --file")
        : new VmException(
            ErrorCode.VMFILE_NOT_FOUND, "there is no file " + file, "check the path after --file");
  }

  /**
   * Whether a file of this name in a watched directory is a VMFile: {@code *.kdl}, but nothing
   * hidden and nothing that editors leave behind ({@code .a.kdl.swp}, {@code a.kdl~}, {@code
   * #a.kdl#}, {@code 4913}).
   */
  public static boolean isVmFileName(String name) {
    return name.length() > SUFFIX.length()
        && name.endsWith(SUFFIX)
        && !name.startsWith(".")
        && !name.startsWith("#")
        && !name.startsWith("~");
  }

  /**
   * The VMFiles directly in a directory, sorted by name.
   *
   * @throws IOException if it cannot be listed
   */
  public static List<Path> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (isVmFileName(entry.getFileName().toString())) {
          files.add(entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(files);
    return files;
  }
}
