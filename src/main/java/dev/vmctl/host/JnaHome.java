package dev.vmctl.host;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where JNA finds its own native part. Left alone it unpacks it at every start, and fails where
 * that directory is full or mounted noexec. We keep one copy in our cache directory, which JNA
 * tries first; where that cannot be written or not be loaded, JNA still unpacks into the temporary
 * directory as always. A native part installed on the system, of whatever version, is not looked
 * for.
 *
 * <p>Who sets {@code jna.boot.library.path} or {@code jna.tmpdir} has decided; nothing is kept.
 */
final class JnaHome {
  private static final String BOOT_PATH = "jna.boot.library.path";
  private static final String TEMPORARY = "jna.tmpdir";
  private static final String SYSTEM_COPY_UNWANTED = "jna.nosys";

  private final HostFacts facts;
  private final Path temporary;
  private String trouble = "";

  JnaHome(HostFacts facts, Path temporary) {
    this.facts = facts;
    this.temporary = temporary;
  }

  static JnaHome ofThisProcess() {
    return new JnaHome(ThisHost.facts(), Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
  }

  /** Tells JNA; has an effect only before JNA is loaded. */
  void settle() {
    if (System.getProperty(SYSTEM_COPY_UNWANTED) == null) {
      System.setProperty(SYSTEM_COPY_UNWANTED, "true");
    }
    if (System.getProperty(BOOT_PATH) != null || System.getProperty(TEMPORARY) != null) {
      return;
    }
    System.setProperty(TEMPORARY, temporary.toString());
    try {
      System.setProperty(BOOT_PATH, keptCopy().toString());
    } catch (IOException | VmException e) {
      trouble = "; nor is there a copy in " + directory() + ": " + e.getMessage();
    }
  }

  /** What went wrong in our own directory, to be added to what JNA says; may be empty. */
  String trouble() {
    return trouble;
  }

  String help() {
    return "one of "
        + directory()
        + " and "
        + temporary
        + " must have space and allow programs (no noexec mount); another one can be named by"
        + " XDG_CACHE_HOME or TMPDIR";
  }

  /** The JNA version is part of the name: an update never loads the old copy. */
  private Path directory() {
    return facts
        .cacheDirectory()
        .resolve("native")
        .resolve("jna-" + Native.VERSION + "-" + Platform.RESOURCE_PREFIX);
  }

  private Path keptCopy() throws IOException {
    Path directory = directory();
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    refuseForeign(facts.cacheDirectory());
    refuseForeign(directory);
    Path copy = directory.resolve(System.mapLibraryName("jnidispatch"));
    String resource = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + copy.getFileName();
    URL packed = Platform.class.getResource(resource);
    if (packed == null) {
      throw new IOException("JNA has no native part for " + Platform.RESOURCE_PREFIX);
    }
    if (!Files.isRegularFile(copy)
        || Files.size(copy) != packed.openConnection().getContentLengthLong()) {
      try (InputStream in = packed.openStream()) {
        AtomicFiles.write(copy, in.readAllBytes(), AtomicFiles.Access.OWNER);
      }
    }
    return directory;
  }

  /** Root with somebody's HOME must not load what that somebody can replace. */
  private static void refuseForeign(Path directory) throws IOException {
    if (!ThisHost.owns(directory)) {
      throw new IOException(directory + " belongs to another user");
    }
  }
}
