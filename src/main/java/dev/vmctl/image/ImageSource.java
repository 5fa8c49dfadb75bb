package dev.vmctl.image;

import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

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

  /** The image a spec declares; empty when it declares none. */
  static Optional<ImageSource> of(VmSpec spec) {
    if (spec.image() != null) {
      return Optional.of(new LocalFile(spec.image()));
    }
    return Optional.ofNullable(spec.imageUrl()).map(Url::new);
  }
}
