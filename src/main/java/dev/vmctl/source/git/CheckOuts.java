package dev.vmctl.source.git;

import dev.vmctl.host.FileTrees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of commits: {@code trees/<commit>/}, and {@code current}, a link to the one that
 * counts.
 */
final class CheckOuts {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40,64}");
  private static final String INCOMING = ".incoming";

  private final Path trees;
  private final Path current;

  CheckOuts(Path state) {
    this.trees = state.resolve("trees");
    this.current = state.resolve("current");
  }

  /** Through this the files of the commit that counts are found, whichever that is. */
  Path current() {
    return current;
  }

  /** The commit that counts; empty when there is none, or its files are gone. */
  String commit() {
    try {
      String name =
          Objects.requireNonNull(Files.readSymbolicLink(current).getFileName()).toString();
      return COMMIT.matcher(name).matches() && Files.isDirectory(trees.resolve(name)) ? name : "";
    } catch (NoSuchFileException | NotLinkException e) {
      return "";
    } catch (IOException e) {
      throw Failures.of("cannot read " + current, e);
    }
  }

  /** Where the files of a commit are written before anybody knows whether they are any good. */
  Path incoming() throws IOException {
    Path incoming = trees.resolve(INCOMING);
    FileTrees.delete(incoming);
    Files.createDirectories(trees);
    return incoming;
  }

  /** Makes the incoming files those that count, at one stroke. */
  void accept(String commit) throws IOException {
    Path tree = trees.resolve(commit);
    FileTrees.delete(tree);
    Files.move(trees.resolve(INCOMING), tree, StandardCopyOption.ATOMIC_MOVE);
    Path link = current.resolveSibling("current.new");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of("trees", commit));
    Files.move(link, current, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(Objects.requireNonNull(current.getParent()));
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Removes the files of all commits but these: the one that counts, and the one before it, whose
   * files a step under way may have opened.
   */
  void prune(List<String> kept) throws IOException {
    List<Path> all;
    try (Stream<Path> entries = Files.list(trees)) {
      all = entries.toList();
    }
    for (Path tree : all) {
      if (!kept.contains(String.valueOf(tree.getFileName()))
          && Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
        FileTrees.delete(tree);
      }
    }
  }
}
