package dev.vmctl.image;

import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a base image comes from. */
public sealed interface ImageSource {
  /**
   * A file of this host.
   *
   * @param path absolute
   * @param checksum what it must digest to, see {@link Checksum}
   */
  record LocalFile(Path path, @Nullable String checksum) implements ImageSource {
    public LocalFile {
      Objects.requireNonNull(path);
    }

    public LocalFile(Path path) {
      this(path, null);
    }

    @Override
    public String text() {
      return path.toString();
    }
  }

  /**
   * {@code http(s)://…} or {@code oci://…}.
   *
   * @param checksum what it must digest to, see {@link Checksum}
   */
  record Url(String url, @Nullable String checksum) implements ImageSource {
    public Url {
      Objects.requireNonNull(url);
    }

    public Url(String url) {
      this(url, null);
    }

    @Override
    public String text() {
      return url;
    }

    @Override
    public String shown() {
      return Withheld.from(url);
    }
  }

  /**
   * Made on this host by a program, see {@link ImageBuild}.
   *
   * @param path of the program, or of a directory with a program {@code build} in it; absolute
   */
  record Build(Path path) implements ImageSource {
    public Build {
      Objects.requireNonNull(path);
    }

    @Override
    public String text() {
      return "built by " + path;
    }
  }

  /** As a person wrote it. */
  String text();

  /** For people, who may not be the person: without what may be secret in a URL. */
  default String shown() {
    return text();
  }

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
      return Optional.of(new LocalFile(spec.image(), spec.imageSha256()));
    }
    if (spec.imageBuild() != null) {
      return Optional.of(new Build(spec.imageBuild()));
    }
    return Optional.ofNullable(spec.imageUrl()).map(url -> new Url(url, spec.imageSha256()));
  }

  /** Every image that a spec declares, for its root disk and others. */
  static Stream<ImageSource> all(VmSpec spec) {
    return Stream.concat(
        of(spec).stream(), spec.disks().stream().flatMap(disk -> of(disk).stream()));
  }
}
