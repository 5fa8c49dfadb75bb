package dev.vmctl.api;

import java.util.List;

/**
 * Which images to delete. What a VM, the trash, a snapshot or an earlier generation needs is never
 * deleted.
 *
 * @param images digests, beginnings of digests, names or sources; empty for all that nothing needs
 * @param dryRun only says which they are
 */
public record ImageRemoval(List<String> images, boolean dryRun) {
  public ImageRemoval {
    images = List.copyOf(images);
  }
}
