package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files an image is built from: a program, or everything below a directory with a program
 * {@code build} in it.
 */
record BuildInputs(Path root, Path program, List<Path> files) {
  private static final int BUFFER = 1 << 16;

  /**
   * @throws VmException image.not_found when there is no such program
   */
  static BuildInputs of(Path path) {
    try {
      Path root = path.toRealPath();
      if (!Files.isDirectory(root)) {
        return new BuildInputs(root, requireProgram(root, path), List.of(root));
      }
      Path program = requireProgram(root.resolve("build"), path);
      try (Stream<Path> below = Files.walk(root)) {
        return new BuildInputs(
            root,
            program,
            below
                .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                .sorted()
                .toList());
      }
    } catch (NoSuchFileException e) {
      throw missing("there is no " + path, e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", path, e);
    }
  }

  private static Path requireProgram(Path program, Path declared) {
    if (!Files.exists(program)) {
      throw missing("there is no program 'build' in " + declared, null);
    }
    if (!Files.isExecutable(program)) {
      throw missing(program + " is not executable", null);
    }
    return program;
  }

  private static VmException missing(String message, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.IMAGE_NOT_FOUND,
        message,
        "image-build names a program, or a directory with a program 'build' in it (chmod +x)",
        cause);
  }

  /** Tells without reading them that the files are the same as they were. */
  String stamps() {
    MessageDigest digest = CacheLayout.sha256();
    for (Path file : files) {
      try {
        Map<String, Object> facts =
            Files.readAttributes(
                file, "unix:ino,size,mode,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
        add(digest, name(file));
        for (String fact : List.of("ino", "size", "mode", "lastModifiedTime", "ctime")) {
          add(digest, String.valueOf(facts.get(fact)));
        }
      } catch (IOException e) {
        throw AtomicFiles.failure("read", file, e);
      }
    }
    return CacheLayout.text(digest);
  }

  /** Digest of names, kinds and content. */
  String digest() {
    MessageDigest digest = CacheLayout.sha256();
    for (Path file : files) {
      try {
        add(digest, name(file));
        if (Files.isSymbolicLink(file)) {
          add(digest, "link to " + Files.readSymbolicLink(file));
        } else if (Files.isRegularFile(file)) {
          add(digest, (Files.isExecutable(file) ? "program " : "file ") + Files.size(file));
          content(file, digest);
        }
      } catch (IOException e) {
        throw AtomicFiles.failure("read", file, e);
      }
    }
    return CacheLayout.text(digest);
  }

  /** Where the directory is makes no difference. */
  private String name(Path file) {
    return file.equals(root) ? "" : root.relativize(file).toString();
  }

  private static void content(Path file, MessageDigest digest) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
    digest.update((byte) ':');
    digest.update(bytes);
  }
}
