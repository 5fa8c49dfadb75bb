package dev.vmctl.image;

import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a base image comes from. */
public sealed interface ImageSource {
  /** A file of this host; absolute. */
  record LocalFile(Path path) implements ImageSource {
    public LocalFile {
      Objects.requireNonNull(path);
    }

    @Override
    public String text() {
      return path.toString();
    }
  }

  /** {@code http(s)://…} or {@code oci://…}. */
  record Url(String url) implements ImageSource {
    public Url {
      Objects.requireNonNull(url);
    }

    @Override
    public String text() {
      return url;
    }
  }

  /** As a person wrote it. */
  String text();

  /** The image a disk begins as; empty when it is an empty one. */
  static Optional<ImageSource> of(DiskSpec disk) {
    if (disk.image() != null) {
      return Optional.of(new LocalFile(disk.image()));
    }
    return Optional.ofNullable(disk.imageUrl()).map(Url::new);
  }

  /** The image a spec declares; empty when it declares none. */
  static Optional<ImageSource> of(VmSpec spec) {
    if (spec.image() != null) {
      return Optional.of(new LocalFile(spec.image()));
    }
    return Optional.ofNullable(spec.imageUrl()).map(Url::new);
  }

  /** Every image that a spec declares, for its root disk and others. */
  static Stream<ImageSource> all(VmSpec spec) {
    return Stream.concat(
        of(spec).stream(), spec.disks().stream().flatMap(disk -> of(disk).stream()));
  }
}
