package dev.vmctl.source.git;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Writes a commit's files into a directory: regular files only. A link to a file of the commit
 * becomes a copy of it; every other link, a submodule, or a name that is none is left out, and
 * said. So nothing below the directory ever leads out of it.
 */
final class TreeExport {
  private static final int MOST_FILES = 100_000;
  private static final int LONGEST_LINK = 4096;

  /** Links to links. */
  private static final int DEEPEST = 8;

  private final Repository repository;
  private final Path directory;
  private final Map<String, String> leftOut = new TreeMap<>();
  private final Map<String, String> links = new LinkedHashMap<>();
  private long bytesLeft;
  private final long mostBytes;
  private int files;

  private TreeExport(Repository repository, Path directory, long mostBytes) {
    this.repository = repository;
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.bytesLeft = mostBytes;
  }

  /**
   * @param directory absolute; must not exist
   * @return what was left out, by its path in the repository, each with the reason
   */
  static Map<String, String> write(
      Repository repository, ObjectId commit, Path directory, long mostBytes) throws IOException {
    TreeExport export = new TreeExport(repository, directory, mostBytes);
    Files.createDirectories(directory);
    export.writeFiles(commit);
    export.resolveLinks();
    return export.leftOut;
  }

  private void writeFiles(ObjectId commit) throws IOException {
    try (RevWalk commits = new RevWalk(repository);
        TreeWalk walk = new TreeWalk(repository)) {
      walk.addTree(commits.parseCommit(commit).getTree());
      walk.setRecursive(true);
      while (walk.next()) {
        String path = walk.getPathString();
        if (++files > MOST_FILES) {
          throw new IOException("it has more than " + MOST_FILES + " files");
        }
        Optional<Path> target = target(path);
        if (target.isEmpty()) {
          leftOut.put(path, "its name is not that of a file");
        } else {
          entry(walk, path, target.get());
        }
      }
    }
  }

  private void entry(TreeWalk walk, String path, Path target) throws IOException {
    FileMode mode = walk.getFileMode(0);
    ObjectId id = walk.getObjectId(0);
    if (mode.equals(FileMode.GITLINK)) {
      leftOut.put(path, "it is a submodule");
    } else if (mode.equals(FileMode.SYMLINK)) {
      ObjectLoader link = repository.open(id);
      links.put(
          path,
          link.getSize() > LONGEST_LINK
              ? "/"
              : new String(link.getBytes(LONGEST_LINK), StandardCharsets.UTF_8));
    } else {
      write(repository.open(id), target, mode.equals(FileMode.EXECUTABLE_FILE));
    }
  }

  private void write(ObjectLoader blob, Path target, boolean executable) throws IOException {
    bytesLeft -= blob.getSize();
    if (bytesLeft < 0) {
      throw new Budget.ExceededException(mostBytes);
    }
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    try (OutputStream out = Files.newOutputStream(target)) {
      blob.copyTo(out);
    }
    Files.setPosixFilePermissions(
        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  /** Where a path of the repository is written; empty when it cannot be meant as one. */
  private Optional<Path> target(String path) {
    for (String name : path.split("/", -1)) {
      boolean special = name.isEmpty() || name.equals(".") || name.equals("..");
      if (special || name.toLowerCase(Locale.ROOT).equals(".git") || name.indexOf('\0') >= 0) {
        return Optional.empty();
      }
    }
    try {
      Path target = directory.resolve(path);
      return target.normalize().startsWith(directory) ? Optional.of(target) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Copies what links lead to, as far as that is a file of the commit. */
  private void resolveLinks() throws IOException {
    for (int round = 0; round < DEEPEST && !links.isEmpty(); round++) {
      Map<String, String> now = new LinkedHashMap<>(links);
      for (Map.Entry<String, String> link : now.entrySet()) {
        Optional<Path> found = linked(link.getKey(), link.getValue());
        if (found.isPresent()) {
          Path copy = target(link.getKey()).orElseThrow();
          bytesLeft -= Files.size(found.get());
          if (bytesLeft < 0) {
            throw new Budget.ExceededException(mostBytes);
          }
          Files.createDirectories(Objects.requireNonNull(copy.getParent()));
          Files.copy(found.get(), copy, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
          links.remove(link.getKey());
        }
      }
    }
    links.forEach(
        (path, leadsTo) ->
            leftOut.put(path, "it is a link to '" + leadsTo + "', which is no file of the commit"));
  }

  /** The regular file a link leads to; there are no links below the directory. */
  private Optional<Path> linked(String path, String leadsTo) {
    try {
      Path target = directory.resolve(path).resolveSibling(leadsTo).normalize();
      boolean inside = target.startsWith(directory) && !leadsTo.startsWith("/");
      return inside && Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
          ? Optional.of(target)
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
