package dev.vmctl.hypervisor.propolis;

import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that an instance is made from.
 *
 * @param memoryMb MiB
 * @param disk device or file of the root disk, as the server sees it
 * @param nic VNIC of the guest; null for no network
 * @param host name of this host, as metadata
 */
record Guest(
    UUID id,
    String name,
    int vcpus,
    long memoryMb,
    Path disk,
    @Nullable Seed seed,
    @Nullable String nic,
    String host) {
  /** Where the server gets the cloud-init seed from. */
  sealed interface Seed {
    /** In the request itself. */
    record Blob(byte[] bytes) implements Seed {
      public Blob {
        bytes = bytes.clone();
      }

      @Override
      public byte[] bytes() {
        return bytes.clone();
      }
    }

    /** A file, as the server sees it. */
    record InFile(Path path) implements Seed {}
  }

  Guest {
    Objects.requireNonNull(id);
    Objects.requireNonNull(name);
    Objects.requireNonNull(disk);
    Objects.requireNonNull(host);
  }
}
