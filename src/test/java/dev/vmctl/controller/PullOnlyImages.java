package dev.vmctl.controller;

import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.image.ImageSource;
import dev.vmctl.image.Images;
import dev.vmctl.image.StoredImage;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Images that are looked up and pulled; there is no stock of them. */
abstract class PullOnlyImages implements Images {
  @Override
  public CompletableFuture<CachedImage> refresh(
      ImageSource source, Consumer<ImageProgress> progress) {
    return ensure(source, progress);
  }

  @Override
  public List<StoredImage> stock() {
    return List.of();
  }

  @Override
  public void name(CachedImage image, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<CachedImage> verify(
      CachedImage image, Consumer<ImageProgress> progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<CachedImage> push(
      CachedImage image, String target, String title, Consumer<ImageProgress> progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed) {
    throw new UnsupportedOperationException();
  }
}
