package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Set;

/**
 * A QEMU program and what it can do.
 *
 * @param fingerprint tells this very file from what an upgrade puts in its place
 * @param machines every machine type
 * @param aliases unversioned names and the versioned machine types they mean
 * @param sandbox whether it was built with the seccomp sandbox
 */
record QemuBinary(
    Path path,
    String fingerprint,
    int major,
    int minor,
    Set<String> machines,
    Map<String, String> aliases,
    boolean sandbox) {
  QemuBinary {
    machines = Set.copyOf(machines);
    aliases = Map.copyOf(aliases);
  }

  /** Path, size and time of change of the file behind it. */
  static String fingerprint(Path path) {
    try {
      Path real = path.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      return real + " " + attributes.size() + " " + attributes.lastModifiedTime().toMillis();
    } catch (IOException e) {
      throw AtomicFiles.failure("look at", path, e);
    }
  }

  boolean atLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }
}
