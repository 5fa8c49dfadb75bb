package dev.vmctl.controller;

import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.host.Log;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One thing being done with an image, for those who want to see how far it is. */
final class ImageErrand {
  private static final System.Logger LOG = Log.of(ImageErrand.class);

  private final String id;
  private final TransferText text;
  private ImageTask now;
  private @Nullable CompletableFuture<?> work;

  ImageErrand(String id, TransferText text) {
    this.id = id;
    this.text = text;
    this.now = new ImageTask(id, 1, "", 0, -1, false, null, null);
  }

  String id() {
    return id;
  }

  synchronized ImageTask now() {
    return now;
  }

  /** Takes the end of this over. */
  void follow(CompletableFuture<CachedImage> future, Function<CachedImage, ImageView> finish) {
    synchronized (this) {
      work = future;
    }
    var _ =
        future
            .thenApply(finish)
            .whenComplete(
                (image, failure) -> end(image, failure == null ? null : failure(failure)));
  }

  void progress(ImageProgress progress) {
    String said = text.of(progress);
    synchronized (this) {
      change(
          new ImageTask(
              id,
              now.version() + 1,
              said,
              progress.doneBytes(),
              progress.totalBytes(),
              now.ended(),
              now.image(),
              now.failure()));
    }
  }

  private synchronized void end(@Nullable ImageView image, VmStatus.@Nullable Failure failure) {
    change(
        new ImageTask(
            id, now.version() + 1, "", now.doneBytes(), now.totalBytes(), true, image, failure));
  }

  private void change(ImageTask next) {
    if (!now.ended()) {
      now = next;
      notifyAll();
    }
  }

  private static VmStatus.Failure failure(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof CancellationException) {
      return new VmStatus.Failure(
          ErrorCode.TIMEOUT.text(), "it was given up", "give the command again");
    }
    if (cause instanceof VmException known) {
      return new VmStatus.Failure(known.code().text(), known.getMessage(), known.help());
    }
    LOG.log(System.Logger.Level.ERROR, "something with an image failed", cause);
    return new VmStatus.Failure(
        ErrorCode.INTERNAL.text(), String.valueOf(cause), "this is a bug; the log has its trace");
  }

  synchronized ImageTask await(long since, Duration wait) {
    long longest = Math.min(wait.toNanos(), Watchers.LONGEST_WAIT.toNanos());
    long end = System.nanoTime() + longest;
    try {
      for (long left = longest;
          now.version() <= since && !now.ended() && left > 0;
          left = end - System.nanoTime()) {
        wait(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      // The caller is going away: it gets what there is.
      Thread.currentThread().interrupt();
    }
    return now;
  }

  synchronized void cancel() {
    if (work != null) {
      work.cancel(true);
    }
  }
}
