package dev.vmctl.store;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.json.Json;
import dev.vmctl.json.RecordReader;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records as files. While others may write too ({@link Sharing#SHARED}) each change is made
 * under {@code store.lock} and a read looks at the file's identity first; a daemon is alone, and
 * what it read or wrote once stays true.
 */
public final class FileVmStore implements VmStore {
  /** Who else may write. */
  public enum Sharing {
    /** Nobody: the engine lock is held exclusively. */
    ALONE,
    /** Other processes. */
    SHARED
  }

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

  private final DataDirectory data;
  private final HostLocks locks;
  private final Sharing sharing;
  private final RecordFormats formats;
  private final SourceIdentities identities;
  private final GenerationFiles history;
  private final Map<VmName, Read> reads = new ConcurrentHashMap<>();
  private final Map<VmName, Object> writers = new ConcurrentHashMap<>();

  public FileVmStore(DataDirectory data, HostLocks locks, Sharing sharing) {
    this(data, locks, sharing, RecordFormats.standard());
  }

  FileVmStore(DataDirectory data, HostLocks locks, Sharing sharing, RecordFormats formats) {
    this.formats = formats;
    this.identities = new SourceIdentities(data.sources());
    this.history = new GenerationFiles(data);
    this.data = data;
    this.locks = locks;
    this.sharing = sharing;
  }

  @Override
  public List<VmName> names() {
    try (Stream<Path> entries = Files.list(data.vms())) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> VmName.problem(name).isEmpty())
          .map(VmName::new)
          .filter(name -> isKnown(name) || Files.exists(data.record(name)))
          .sorted()
          .toList();
    } catch (NoSuchFileException noneYet) {
      return List.of();
    } catch (IOException e) { // Whose directory cannot be read is not told that there are none.
      throw AtomicFiles.failure("list", data.vms(), e);
    }
  }

  /** Whether what was read or written of this VM is sure to be true still. */
  private boolean isKnown(VmName name) {
    return sharing == Sharing.ALONE && reads.containsKey(name);
  }

  @Override
  public Optional<VmRecord> read(VmName name) {
    Read known = reads.get(name);
    if (known == null || sharing == Sharing.SHARED) {
      // At one stroke: a slow reader must not put back what a writer has replaced meanwhile.
      known = reads.compute(name, this::current);
    }
    return Optional.ofNullable(known).map(Read::record);
  }

  private @Nullable Read current(VmName name, @Nullable Read known) {
    if (known != null && sharing == Sharing.ALONE) {
      return known;
    }
    Path file = data.record(name);
    try {
      Stamp stamp = Stamp.of(file);
      return known != null && known.stamp.equals(stamp)
          ? known
          : new Read(stamp, parse(name, file, Files.readAllBytes(file)));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  @Override
  public @Nullable VmRecord update(
      VmName name, Function<@Nullable VmRecord, @Nullable VmRecord> change) {
    return exclusively(name, () -> change(name, change));
  }

  @Override
  public List<PastGeneration> history(VmName name) {
    return history.of(name);
  }

  @Override
  public boolean takeAway(VmName name, Predicate<VmRecord> still, Runnable away) {
    return exclusively(
        name,
        () -> {
          if (read(name).filter(still.negate()).isPresent()) {
            return false;
          }
          try {
            away.run();
          } finally {
            reads.remove(name);
          }
          return true;
        });
  }

  @Override
  public boolean rename(VmName from, VmName to, Predicate<VmRecord> still) {
    VmName first = from.compareTo(to) < 0 ? from : to;
    VmName second = first.equals(from) ? to : from;
    synchronized (writers.computeIfAbsent(first, n -> new Object())) {
      return exclusively(second, () -> move(from, to, still));
    }
  }

  private boolean move(VmName from, VmName to, Predicate<VmRecord> still) {
    reads.remove(from);
    if (read(from).filter(still).isEmpty()) {
      return false;
    }
    place(data.vm(from), to);
    reads.remove(from);
    VmRecord renamed = read(to).orElseThrow();
    write(to, renamed);
    return true;
  }

  @Override
  public VmRecord adopt(VmName name, Path directory, UnaryOperator<VmRecord> change) {
    Path file = directory.resolve(data.record(name).getFileName());
    return exclusively(
        name,
        () -> {
          try {
            VmRecord record = change.apply(parse(name, file, Files.readAllBytes(file)));
            AtomicFiles.write(file, bytes(record), AtomicFiles.Access.OWNER);
          } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
          }
          place(directory, name);
          return read(name).orElseThrow();
        });
  }

  @Override
  public VmRecord takeOver(VmRecord record) {
    VmName name = record.name();
    return exclusively(
        name,
        () -> {
          if (read(name).isPresent()) {
            throw new VmException(
                ErrorCode.VM_NAME_TAKEN,
                "there is a VM '" + name + "' already",
                "choose another name, or remove that VM first: vmctl destroy " + name);
          }
          writeRecord(name, record);
          try {
            Files.deleteIfExists(data.released(name));
          } catch (IOException e) {
            throw AtomicFiles.failure("delete", data.released(name), e);
          }
          return record;
        });
  }

  @Override
  public boolean release(VmName name, Predicate<VmRecord> still) {
    return exclusively(
        name,
        () -> {
          if (read(name).filter(still).isEmpty()) {
            return false;
          }
          try {
            Files.move(data.record(name), data.released(name), StandardCopyOption.ATOMIC_MOVE);
            AtomicFiles.syncDirectory(data.vm(name));
          } catch (IOException e) {
            throw AtomicFiles.failure("release", data.record(name), e);
          } finally {
            reads.remove(name);
          }
          return true;
        });
  }

  @Override
  public Optional<VmRecord> released(VmName name) {
    Path note = data.released(name);
    try {
      return Optional.of(parse(name, note, Files.readAllBytes(note)));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", note, e);
    }
  }

  private byte[] bytes(VmRecord record) throws IOException {
    return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(record);
  }

  /** One rename: the moment at which the directory is this VM's. Its record then has its name. */
  private void place(Path directory, VmName name) {
    Path target = data.vm(name);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "there is a VM '" + name + "' already, or a directory of its name: " + target,
          "choose another name, or remove that VM first: vmctl destroy " + name);
    }
    try {
      Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
      AtomicFiles.syncDirectory(data.vms());
    } catch (IOException e) {
      throw AtomicFiles.failure("move " + directory + " to", target, e);
    }
    reads.remove(name);
  }

  private <T extends @Nullable Object> T exclusively(VmName name, Supplier<T> task) {
    // One writer a VM in this process, and, unless it is alone, one writer at all among processes.
    synchronized (writers.computeIfAbsent(name, n -> new Object())) {
      if (sharing == Sharing.ALONE) {
        return task.get();
      }
      try (HostLock lock = locks.acquire(data.storeLock(), HostLock.Mode.EXCLUSIVE, LOCK_TIMEOUT)) {
        Objects.requireNonNull(lock);
        // A file may have been replaced twice within one tick of its clock.
        reads.remove(name);
        return task.get();
      } catch (InterruptedException e) {
        throw VmException.interrupted(data.storeLock(), e);
      }
    }
  }

  @Override
  public Optional<String> sourceIdentity(SourceId source) {
    return identities.of(source);
  }

  @Override
  public void keepSourceIdentity(SourceId source, String identity) {
    identities.keep(source, identity);
  }

  @Override
  public void forget(VmName name) {
    reads.remove(name);
  }

  private @Nullable VmRecord change(
      VmName name, Function<@Nullable VmRecord, @Nullable VmRecord> change) {
    VmRecord before = read(name).orElse(null);
    VmRecord after = change.apply(before);
    if (after == null || after.equals(before)) {
      return before;
    }
    if (before != null && before.desired().generation() != after.desired().generation()) {
      history.keep(name, PastGeneration.of(before, after.desired().changedAt()));
    }
    write(name, after);
    return after;
  }

  private void write(VmName name, VmRecord record) {
    try {
      refuseForeign(name, data.record(name));
    } catch (IOException e) {
      throw AtomicFiles.failure("read", data.vm(name), e);
    }
    writeRecord(name, record);
  }

  private void writeRecord(VmName name, VmRecord record) {
    Path file = data.record(name);
    try {
      if (!Files.isDirectory(data.vm(name))) {
        Files.createDirectories(
            data.vm(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        AtomicFiles.syncDirectory(data.vms());
      }
      backUpOlder(file);
      AtomicFiles.write(file, bytes(record), AtomicFiles.Access.OWNER);
      reads.put(name, new Read(Stamp.of(file), record));
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /** What an older vmctl wrote is kept beside the first record in the new format. */
  private void backUpOlder(Path file) throws IOException {
    // There is nothing older than the first format: no need to look.
    if (formats.newest() == 1 || !Files.exists(file)) {
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    int format = RecordFormats.format(RecordReader.object(bytes));
    Path backup = file.resolveSibling(file.getFileName() + ".format-" + format);
    if (format > 0 && format < formats.newest() && !Files.exists(backup)) {
      AtomicFiles.write(backup, bytes, AtomicFiles.Access.OWNER);
    }
  }

  /** A directory that has files and no record is somebody else's, such as the original tool's. */
  private void refuseForeign(VmName name, Path file) throws IOException {
    Path directory = data.vm(name);
    if (!Files.exists(file) && OriginalVms.in(data).isNamed(name)) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "'" + name + "' is a VM of the original vmctl, in " + data.original(),
          "take it over: vmctl adopt --original " + name + "; or choose another name");
    }
    if (Files.exists(file) || !Files.isDirectory(directory)) {
      return;
    }
    if (Files.exists(data.released(name))) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "'" + name + "' was released; its files are in " + directory,
          "take it back: vmctl adopt " + name + "; or move that directory away");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      // What a crash while a first record was written leaves behind is ours.
      String ours = "." + file.getFileName() + ".";
      if (entries.anyMatch(entry -> !entry.getFileName().toString().startsWith(ours))) {
        throw new VmException(
            ErrorCode.VM_NAME_TAKEN,
            directory + " holds files of a VM that is not vmctl's",
            "it is left alone; choose another name, or move that directory away");
      }
    }
  }

  private VmRecord parse(VmName name, Path file, byte[] bytes) {
    try {
      Map<String, @Nullable Object> record = formats.upgrade(file, RecordReader.object(bytes));
      // The directory's name is the VM's: whoever renames a VM renames that first.
      name(record, name);
      nameSpec(record.get("desired"), name);
      nameSpec(record.get("applied"), name);
      if (record.get("snapshots") instanceof List<?> snapshots) {
        snapshots.forEach(snapshot -> nameSpec(snapshot, name));
      }
      return RecordReader.read(VmRecord.class, record);
    } catch (IOException e) {
      throw corrupt(file, e);
    }
  }

  /** Gives the spec that something holds this name. */
  static void nameSpec(@Nullable Object holder, VmName name) {
    if (holder instanceof Map<?, ?> object) {
      name(object.get("spec"), name);
    }
  }

  @SuppressWarnings("unchecked") // An object's names are strings.
  private static void name(@Nullable Object named, VmName name) {
    if (named instanceof Map<?, ?> object && object.get("name") instanceof String) {
      ((Map<String, @Nullable Object>) object).put("name", name.value());
    }
  }

  private static VmException corrupt(Path file, Exception e) {
    return new VmException(
        ErrorCode.STORE_CORRUPT,
        "cannot understand "
            + file
            + ": "
            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
        "nothing of this VM is touched; restore the file from a backup, or move the VM's directory away",
        e);
  }

  private record Read(Stamp stamp, VmRecord record) {}

  /** What changes when a file is replaced. */
  private record Stamp(Object key, FileTime modified, long size) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(
          Objects.requireNonNullElse(attributes.fileKey(), file),
          attributes.lastModifiedTime(),
          attributes.size());
    }
  }
}
