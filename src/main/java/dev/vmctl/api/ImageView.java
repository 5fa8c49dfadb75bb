package dev.vmctl.api;

import java.time.Instant;
import java.util.List;

/**
 * An image in the cache; the component names are the stable JSON fields.
 *
 * @param digest {@code sha256:…} of the image itself
 * @param format qcow2, raw, vmdk, vdi or vhdx; volume for a copy of it that disks are cloned from
 * @param virtualSizeBytes size of the disk it holds
 * @param fileBytes length of its file
 * @param storedBytes what that takes on the host's disk
 * @param path its file, read-only; the dataset of a volume
 * @param sources where it came from
 * @param names given to it with {@code --name}
 * @param importedAt when it first came in
 * @param usedBy what needs it: VMs by name, {@code trash: ID}; empty when nothing does
 */
public record ImageView(
    String digest,
    String format,
    long virtualSizeBytes,
    long fileBytes,
    long storedBytes,
    String path,
    List<String> sources,
    List<String> names,
    Instant importedAt,
    List<String> usedBy) {
  public ImageView {
    sources = List.copyOf(sources);
    names = List.copyOf(names);
    usedBy = List.copyOf(usedBy);
  }
}
