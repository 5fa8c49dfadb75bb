package dev.vmctl.controller;

import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.disk.VolumeImage;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.image.ImageSource;
import dev.vmctl.image.Images;
import dev.vmctl.image.StoredImage;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What people do with the image cache. */
final class ImageDesk {
  private static final String BUILD = "build:";

  /** Tasks that have ended and are still remembered, for who asks late. */
  private static final int REMEMBERED = 64;

  private final EngineParts parts;
  private final Images images;
  private final ImageUses uses;
  private final Map<String, ImageErrand> errands = new LinkedHashMap<>();
  private long last;

  ImageDesk(EngineParts parts) {
    this.parts = parts;
    this.images = parts.images();
    this.uses = new ImageUses(parts);
  }

  List<ImageView> list() {
    Map<String, Set<String>> users = uses.all();
    return images.stock().stream().map(image -> view(image, users)).toList();
  }

  private static ImageView view(StoredImage stored, Map<String, Set<String>> users) {
    CachedImage image = stored.image();
    return new ImageView(
        image.digest(),
        image.format().text(),
        image.virtualSizeBytes(),
        stored.fileBytes(),
        stored.storedBytes(),
        image.path().toString(),
        stored.sources(),
        stored.names(),
        stored.importedAt(),
        ImageUses.of(stored, users));
  }

  ImageTask begin(ImageRequest request) {
    ImageErrand errand = new ImageErrand(nextId(), new TransferText(parts.timeline()::now, null));
    synchronized (errands) {
      errands.put(errand.id(), errand);
    }
    long began = parts.timeline().nanoTime();
    CompletableFuture<CachedImage> work = start(request, errand::progress);
    var _ =
        work.whenComplete(
            (image, failure) ->
                parts
                    .observer()
                    .operated(
                        kind(request),
                        Duration.ofNanos(parts.timeline().nanoTime() - began),
                        failure == null));
    errand.follow(work, image -> finished(request, image));
    return errand.now();
  }

  private static String kind(ImageRequest request) {
    return switch (request) {
      case ImageRequest.Pull pull -> "image_pull";
      case ImageRequest.Verify verify -> "image_verify";
      case ImageRequest.Push push -> "image_push";
    };
  }

  private String nextId() {
    synchronized (errands) {
      var old = errands.values().iterator();
      while (errands.size() >= REMEMBERED && old.hasNext()) {
        if (old.next().now().ended()) {
          old.remove();
        }
      }
      last++;
      return Long.toString(last);
    }
  }

  private CompletableFuture<CachedImage> start(
      ImageRequest request, Consumer<ImageProgress> progress) {
    return switch (request) {
      case ImageRequest.Pull pull -> images.refresh(source(pull), progress);
      case ImageRequest.Verify verify -> images.verify(find(verify.image()).image(), progress);
      case ImageRequest.Push push -> {
        StoredImage found = find(push.image());
        yield images.push(found.image(), push.target(), title(found), progress);
      }
    };
  }

  private static ImageSource source(ImageRequest.Pull pull) {
    String text = pull.source();
    if (text.startsWith(BUILD)) {
      return new ImageSource.Build(Path.of(text.substring(BUILD.length())));
    }
    return text.contains("://")
        ? new ImageSource.Url(text, pull.sha256())
        : new ImageSource.LocalFile(Path.of(text), pull.sha256());
  }

  private static String title(StoredImage image) {
    return image.names().stream().findFirst().orElse("image") + "." + image.image().format().text();
  }

  private ImageView finished(ImageRequest request, CachedImage image) {
    if (request instanceof ImageRequest.Pull pull && pull.name() != null) {
      images.name(image, pull.name());
    }
    return view(find(image.digest()), uses.all());
  }

  private StoredImage find(String reference) {
    List<StoredImage> found =
        images.stock().stream().filter(image -> image.isCalled(reference)).toList();
    if (found.isEmpty()) {
      throw new VmException(
          ErrorCode.IMAGE_NOT_FOUND,
          "there is no image '" + reference + "' in the cache",
          "see 'vmctl image list'; give a digest, its first digits, a name or a source");
    }
    if (found.size() > 1) {
      throw new VmException(
          ErrorCode.USAGE,
          "'" + reference + "' is more than one image",
          "they are "
              + found.stream().map(i -> i.image().digest()).collect(Collectors.joining(", ")));
    }
    return found.getFirst();
  }

  ImageTask task(String id, long since, Duration wait) {
    ImageErrand errand;
    synchronized (errands) {
      errand = errands.get(id);
    }
    if (errand == null) {
      throw new VmException(
          ErrorCode.IMAGE_NOT_FOUND,
          "there is no task '" + id + "' (any more)",
          "the daemon may have been restarted; give the command again, it goes on from where it was");
    }
    return errand.await(since, wait);
  }

  List<ImageView> remove(ImageRemoval removal) {
    Map<String, Set<String>> users = uses.all();
    List<StoredImage> named = removal.images().stream().map(this::find).toList();
    for (StoredImage each : named) {
      List<String> its = ImageUses.of(each, users);
      if (!its.isEmpty()) {
        throw new VmException(
            ErrorCode.IMAGE_IN_USE,
            "the image " + each.image().digest() + " is needed by " + String.join(", ", its),
            "remove what needs it first; a disk without its image is lost");
      }
    }
    Predicate<StoredImage> chosen = image -> named.isEmpty() || named.contains(image);
    List<StoredImage> removed =
        removal.dryRun()
            ? images.stock().stream()
                .filter(chosen)
                .filter(image -> ImageUses.of(image, users).isEmpty())
                .toList()
            : images.remove(chosen, () -> uses.all().keySet());
    List<ImageView> views =
        new ArrayList<>(removed.stream().map(image -> view(image, Map.of())).toList());
    if (named.isEmpty()) {
      volumes(removal.dryRun()).forEach(volume -> views.add(view(volume)));
    }
    return views;
  }

  /** Copies of images that are volumes: looked for after a look at who needs what. */
  private List<VolumeImage> volumes(boolean dryRun) {
    List<VolumeImage> unused = parts.disks().unusedVolumes(uses.all().keySet());
    return dryRun ? unused : parts.disks().destroyVolumes(unused);
  }

  private ImageView view(VolumeImage volume) {
    return new ImageView(
        volume.digest(),
        "volume",
        volume.bytes(),
        volume.bytes(),
        volume.usedBytes(),
        volume.dataset(),
        List.of(),
        List.of(),
        parts.timeline().now(),
        List.of());
  }

  /** Gives up what goes on. */
  void close() {
    synchronized (errands) {
      errands.values().forEach(ImageErrand::cancel);
    }
  }
}
