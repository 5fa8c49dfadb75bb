package dev.vmctl.controller;

import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageFormat;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Images of a {@link FakeWorld}: those that there are can be imported into a cache. */
final class FakeImages extends PullOnlyImages {
  final Set<String> present = new HashSet<>();
  final Set<String> cached = new HashSet<>();
  Duration importTime = Duration.ofMillis(300);

  /** To be told how far the latest import is. */
  Consumer<ImageProgress> importProgress = progress -> {};

  private final FakeWorld world;

  FakeImages(FakeWorld world) {
    this.world = world;
  }

  @Override
  public Optional<CachedImage> lookup(ImageSource source) {
    return cached.contains(source.text()) ? Optional.of(image(source)) : Optional.empty();
  }

  @Override
  public CompletableFuture<CachedImage> ensure(
      ImageSource source, Consumer<ImageProgress> progress) {
    world.fault.accept("image");
    importProgress = progress;
    return world.later(
        importTime,
        () -> {
          if (!present.contains(source.text())) {
            throw new VmException(
                ErrorCode.IMAGE_NOT_FOUND, "no image " + source.text(), "make it");
          }
          cached.add(source.text());
          return image(source);
        });
  }

  @Override
  public Optional<CachedImage> byDigest(String digest) {
    return cached.stream()
        .filter(text -> digest.equals("sha256:" + text))
        .map(text -> image(new ImageSource.LocalFile(Path.of(text))))
        .findFirst();
  }

  private static CachedImage image(ImageSource source) {
    return new CachedImage(
        Path.of("/cache" + source.text()), "sha256:" + source.text(), ImageFormat.QCOW2, 1 << 20);
  }
}
