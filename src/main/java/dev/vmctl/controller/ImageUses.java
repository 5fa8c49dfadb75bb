package dev.vmctl.controller;

import dev.vmctl.disk.TrashEntry;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.image.ImageSource;
import dev.vmctl.image.StoredImage;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.VmRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which images are needed, and by whom. Nothing is taken from one place alone: an image is needed
 * if a record or an earlier generation names its digest or its source, or a disk, a snapshot or
 * what lies in the trash stands on it. What cannot be read fails the whole: unknown is not unused.
 */
final class ImageUses {
  /** A digest, as records and disks write it: the file of an image is named by it. */
  private static final Pattern DIGEST = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");

  /** A disk names what it stands on within its first cluster of 64 KiB. */
  private static final int HEAD = 1 << 16;

  private static final int SMALL = 4 << 20;

  private final EngineParts parts;

  ImageUses(EngineParts parts) {
    this.parts = parts;
  }

  /** Users by digest: names of VMs, and {@code trash: ID}. */
  Map<String, Set<String>> all() {
    Map<String, Set<String>> users = new TreeMap<>();
    for (VmName name : parts.store().names()) {
      parts.store().read(name).ifPresent(record -> declared(record, users));
      scan(parts.data().vm(name), name.value(), users);
    }
    Path trash = parts.data().trash();
    for (TrashEntry entry : parts.disks().trash()) {
      scan(trash.resolve(entry.id()), "trash: " + entry.id(), users);
    }
    // Also what no entry or record speaks of, yet, or any more.
    scan(trash, "", users);
    scan(parts.data().vms(), "", users);
    return users;
  }

  private void declared(VmRecord record, Map<String, Set<String>> users) {
    String user = record.name().value();
    List<VmSpec> specs = new ArrayList<>(List.of(record.desired().spec()));
    if (record.applied() != null) {
      specs.add(record.applied().spec());
    }
    for (VmSpec spec : specs) {
      ImageSource.all(spec)
          .flatMap(source -> parts.images().lookup(source).stream())
          .forEach(image -> add(users, image.digest(), user));
    }
  }

  private static void scan(Path root, String user, Map<String, Set<String>> users) {
    try (Stream<Path> below = Files.walk(root)) {
      for (Path file : below.filter(Files::isRegularFile).toList()) {
        scanFile(file, user, users);
      }
    } catch (NoSuchFileException e) {
      // Moved or deleted just now, by somebody who is not done: the next look tells.
    } catch (UncheckedIOException e) {
      throw AtomicFiles.failure(
          "look for images in use in", root, new IOException(e.getMessage(), e));
    } catch (IOException e) {
      throw AtomicFiles.failure("look for images in use in", root, e);
    }
  }

  private static void scanFile(Path file, String user, Map<String, Set<String>> users)
      throws IOException {
    boolean record = file.toString().endsWith(".json");
    byte[] head;
    try (var in = Files.newInputStream(file)) {
      head = in.readNBytes(record ? SMALL : HEAD);
    }
    boolean disk = head.length > 4 && head[0] == 'Q' && head[1] == 'F' && head[2] == 'I';
    if (!record && !disk) {
      return;
    }
    Matcher digest = DIGEST.matcher(new String(head, StandardCharsets.ISO_8859_1));
    while (digest.find()) {
      add(users, "sha256:" + digest.group(), user);
    }
  }

  private static void add(Map<String, Set<String>> users, String digest, String user) {
    Set<String> its = users.computeIfAbsent(digest, absent -> new TreeSet<>());
    if (!user.isEmpty() || its.isEmpty()) {
      its.add(user.isEmpty() ? "files of the data directory" : user);
    }
  }

  static List<String> of(StoredImage image, Map<String, Set<String>> users) {
    Set<String> its = new TreeSet<>(users.getOrDefault(image.image().digest(), Set.of()));
    return List.copyOf(its);
  }
}
