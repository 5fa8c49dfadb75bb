package dev.vmctl.disk;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names, descriptions and listing of what is in the trash. */
final class TrashCatalog {
  /** Describes an entry; lies in its directory, and in a VM's directory just before it is moved. */
  static final String DESCRIPTION = "trash.json";

  /** Names of the trash's own business begin with this; they are no entries. */
  static final String HIDDEN = ".";

  private static final System.Logger LOG = Log.of(TrashCatalog.class);
  private static final int FORMAT = 1;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern ID = Pattern.compile("(.+)-(\\d{8}T\\d{9}Z)-[0-9a-f]{8}");
  private static final VmName UNKNOWN_VM = new VmName("unknown");

  /** An entry as it is written. */
  private record Description(
      int format,
      String id,
      VmName vm,
      UUID diskId,
      boolean wholeVm,
      @Nullable String dataDisk,
      Instant trashedAt,
      String reason,
      long sizeBytes) {}

  private final Path directory;
  private final Clock clock;

  TrashCatalog(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  Path directory() {
    return directory;
  }

  /**
   * Where an entry's content is.
   *
   * @throws VmException USAGE when this is no id: it would lead out of the trash
   */
  Path content(String id) {
    Path content = directory.resolve(id).normalize();
    boolean inside = directory.equals(content.getParent());
    if (!inside || id.startsWith(HIDDEN) || !content.getFileName().toString().equals(id)) {
      throw new VmException(
          ErrorCode.USAGE, "'" + id + "' is no entry of the trash", "see 'vmctl trash list'");
    }
    return content;
  }

  /** A new entry, with an id of its own. */
  TrashEntry name(
      VmName vm,
      UUID diskId,
      boolean wholeVm,
      @Nullable String dataDisk,
      String reason,
      long sizeBytes) {
    Instant now = clock.instant();
    String id = id(vm, diskId, now);
    for (Instant later = now; exists(directory.resolve(id)); later = later.plusMillis(1)) {
      id = id(vm, diskId, later);
    }
    return new TrashEntry(id, vm, diskId, wholeVm, dataDisk, now, reason, sizeBytes);
  }

  private static String id(VmName vm, UUID diskId, Instant time) {
    return vm.value() + "-" + STAMP.format(time) + "-" + diskId.toString().substring(0, 8);
  }

  void describe(Path where, TrashEntry entry, String fileName) {
    Description description =
        new Description(
            FORMAT,
            entry.id(),
            entry.vm(),
            entry.diskId(),
            entry.wholeVm(),
            entry.dataDisk(),
            entry.trashedAt(),
            entry.reason(),
            entry.sizeBytes());
    try {
      AtomicFiles.write(
          where.resolve(fileName),
          Json.mapper().writeValueAsBytes(description),
          AtomicFiles.Access.OWNER);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry is always JSON", e);
    }
  }

  /** Whether this file describes that entry. */
  boolean describes(Path file, TrashEntry entry) {
    return read(file).filter(found -> found.id().equals(entry.id())).isPresent();
  }

  private Optional<TrashEntry> read(Path file) {
    try {
      Description found = Json.mapper().readValue(Files.readAllBytes(file), Description.class);
      if (found.format() != FORMAT) {
        return Optional.empty();
      }
      return Optional.of(
          new TrashEntry(
              found.id(),
              found.vm(),
              found.diskId(),
              found.wholeVm(),
              found.dataDisk(),
              found.trashedAt(),
              found.reason(),
              found.sizeBytes()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Damaged, or of a newer vmctl: listed as unreadable, and kept.
      LOG.log(
          System.Logger.Level.WARNING,
          "unreadable entry in the trash: {0}: {1}",
          file,
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Newest first. */
  List<TrashEntry> list() {
    List<TrashEntry> entries = new ArrayList<>();
    try (var contents = Files.newDirectoryStream(directory)) {
      for (Path content : contents) {
        String id = content.getFileName().toString();
        if (!id.startsWith(HIDDEN)) {
          entries.add(entry(content, id));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw AtomicFiles.failure("list the trash", directory, e);
    }
    entries.sort(
        Comparator.comparing(TrashEntry::trashedAt).reversed().thenComparing(TrashEntry::id));
    return List.copyOf(entries);
  }

  /** The directory's name counts, should somebody have renamed it. */
  private TrashEntry entry(Path content, String id) throws IOException {
    Optional<TrashEntry> described =
        Files.isDirectory(content, LinkOption.NOFOLLOW_LINKS)
            ? read(content.resolve(DESCRIPTION))
            : Optional.empty();
    return described.isPresent() ? renamed(described.get(), id) : unreadable(id, modified(content));
  }

  private static TrashEntry renamed(TrashEntry entry, String id) {
    return new TrashEntry(
        id,
        entry.vm(),
        entry.diskId(),
        entry.wholeVm(),
        entry.dataDisk(),
        entry.trashedAt(),
        entry.reason(),
        entry.sizeBytes());
  }

  private static TrashEntry unreadable(String id, Instant modified) {
    Matcher parts = ID.matcher(id);
    boolean named = parts.matches() && VmName.problem(parts.group(1)).isEmpty();
    return new TrashEntry(
        id,
        named ? new VmName(parts.group(1)) : UNKNOWN_VM,
        TrashEntry.UNKNOWN_DISK,
        false,
        null,
        modified,
        TrashEntry.UNREADABLE,
        0);
  }

  private static Instant modified(Path content) throws IOException {
    try {
      return Files.getLastModifiedTime(content, LinkOption.NOFOLLOW_LINKS).toInstant();
    } catch (NoSuchFileException e) {
      // Purged by somebody else just now.
      return Instant.EPOCH;
    }
  }

  /** The newest entry of this disk, of this kind. */
  Optional<TrashEntry> find(UUID diskId, boolean wholeVm) {
    return list().stream()
        .filter(TrashEntry::isReadable)
        .filter(entry -> entry.diskId().equals(diskId) && entry.wholeVm() == wholeVm)
        .findFirst();
  }

  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }
}
