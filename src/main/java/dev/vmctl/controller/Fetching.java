package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.RawDiskRequest;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.VmName;
import dev.vmctl.store.VmRecord;
import java.util.concurrent.CompletableFuture;

/** Gets the images, and the copies of them, that a VM is made of. */
final class Fetching {
  private final EngineParts parts;
  private final Operations operations;
  private final Watchers watchers;

  Fetching(EngineParts parts, Operations operations, Watchers watchers) {
    this.parts = parts;
    this.operations = operations;
    this.watchers = watchers;
  }

  Outcome fetch(VmRecord record, ImageSource source) {
    VmName name = record.name();
    String what = "image " + source.shown();
    TransferText text = new TransferText(parts.timeline()::now, what);
    CompletableFuture<CachedImage> future =
        parts
            .images()
            .ensure(
                source,
                progress ->
                    operations
                        .of(name)
                        .ifPresent(
                            operation -> {
                              operation.activity(text.of(progress));
                              watchers.changed(name);
                            }));
    operations.start(
        name, new Operation(Operations.Kind.IMAGE, source.text(), "importing " + what, future));
    return Outcome.UNDER_WAY;
  }

  /** A raw disk is a copy, at least for the first VM of an image: that takes its time. */
  Outcome copy(RawDiskRequest request, ImageSource source) {
    VmName name = request.vm();
    String what = "image " + source.shown();
    CompletableFuture<Void> future =
        parts
            .disks()
            .createRaw(
                request,
                (done, total) ->
                    operations
                        .of(name)
                        .ifPresent(
                            operation -> {
                              String now = "copying " + percent(done, total) + what;
                              if (!now.equals(operation.activity())) {
                                operation.activity(now);
                                watchers.changed(name);
                              }
                            }));
    operations.start(
        name, new Operation(Operations.Kind.IMAGE, source.text(), "copying " + what, future));
    return Outcome.UNDER_WAY;
  }

  private static String percent(long done, long total) {
    return total <= 0 ? "" : Math.min(100, done * 100 / total) + " % of ";
  }
}
