package dev.vmctl.controller;

import dev.vmctl.api.ExportView;
import dev.vmctl.disk.Disks;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Situation.Seen;
import dev.vmctl.store.Hold;
import dev.vmctl.store.VmArchive;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes VMs out of this data directory, into it, and to another name in it. */
final class Transfers {
  /** A file of a VM that is larger than this is a log, or not ours. */
  private static final long LARGEST_FILE = 64L << 20;

  private static final String DISK = ".qcow2";

  private final Engine engine;
  private final EngineVmctl.Admission admission;
  private final String version;

  Transfers(Engine engine, EngineVmctl.Admission admission, String version) {
    this.engine = engine;
    this.admission = admission;
    this.version = version;
  }

  /**
   * Writes a VM into one file. A running guest goes on; its disks are copied as they are at one
   * moment.
   */
  ExportView export(VmRecord record, Path archive) {
    if (Files.exists(archive, LinkOption.NOFOLLOW_LINKS)) {
      throw new VmException(
          ErrorCode.IO, archive + " exists already", "name another file, or remove that one");
    }
    VmName name = record.name();
    admission.admit(name);
    Path directory = engine.parts().data().vm(name);
    Map<String, Path> files = files(directory);
    Map<Path, Path> copies = new TreeMap<>();
    boolean running = runs(record);
    try {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        if (isDisk(file.getKey())) {
          Path copy = archive.resolveSibling("." + archive.getFileName() + ".disk" + copies.size());
          Files.deleteIfExists(copy);
          copies.put(file.getValue(), copy);
          file.setValue(copy);
        }
      }
      copy(record, running, copies);
      VmArchive.write(archive, VmArchive.About.of(version, name.value(), now(), running), files);
      engine.events().normal(name, "Exported", "to " + archive);
      return new ExportView(archive, Files.size(archive), running ? "crash" : "stopped");
    } catch (IOException e) {
      throw AtomicFiles.failure("export " + name + " to", archive, e);
    } finally {
      copies.values().forEach(Transfers::delete);
    }
  }

  private boolean runs(VmRecord record) {
    return switch (engine.seen(record)) {
      case Observation.Running running -> true;
      case Observation.Suspended suspended -> true;
      case Observation.Absent absent -> false;
      case Observation.Exited exited -> throw unclear(record.name(), "its guest has just ended");
      case Observation.Unknown(String why) -> throw unclear(record.name(), why);
    };
  }

  private static VmException unclear(VmName name, String why) {
    return new VmException(
        ErrorCode.VM_INVALID_STATE,
        name + " cannot be exported now: " + why,
        "see 'vmctl status " + name + "' and try again");
  }

  private void copy(VmRecord record, boolean running, Map<Path, Path> copies) {
    if (copies.isEmpty()) {
      return;
    }
    if (running) {
      engine
          .parts()
          .hypervisors()
          .of(Observing.specThatRuns(record))
          .copyDisks(engine.observing().handle(record), copies);
    } else {
      copies.forEach(engine.parts().disks()::flatten);
    }
  }

  /**
   * The files of a VM by their name in its directory: disks, record, keys, seed and firmware
   * variables; not logs, nor what is left of a write.
   */
  private static Map<String, Path> files(Path directory) {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        String name = directory.relativize(file).toString();
        refuseRaw(name, file);
        if (Files.isRegularFile(file)
            && VmArchive.isName(name)
            && !name.contains(".log")
            && (isDisk(name) || Files.size(file) <= LARGEST_FILE)) {
          // What others have made stays where it is; here is only its name.
          files.put(name, Files.isSymbolicLink(file) ? file.toRealPath() : file);
        }
      }
      return files;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", directory, e);
    }
  }

  private static boolean isDisk(String name) {
    return name.endsWith(DISK);
  }

  private static void refuseRaw(String name, Path file) {
    if (name.equals(Disks.RAW) && Files.isSymbolicLink(file)) {
      throw new VmException(
          ErrorCode.CAPABILITY_MISSING,
          "the adopted disk of " + file.getParent() + " is raw: it cannot be exported",
          "copy it with qemu-img convert while the VM is stopped");
    }
  }

  /**
   * Makes a VM of an archive, held stopped. It keeps its uuid and MAC address unless a VM here has
   * them. It belongs to whoever declares it next.
   *
   * @param as its name here; null for that in the archive
   */
  VmName importFrom(Path archive, @Nullable VmName as) {
    VmArchive.About about = VmArchive.about(archive);
    VmName name = as == null ? new VmName(about.name()) : as;
    if (Files.exists(engine.parts().data().vm(name))) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "there is a VM '" + name + "' already",
          "give the imported one another name with --name, or remove that VM first");
    }
    admission.admit(name);
    Path aside = engine.parts().data().vms().resolve("." + name + ".import");
    try {
      delete(aside);
      Files.createDirectory(
          aside,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      VmArchive.unpack(archive, aside);
      List<VmRecord> others = others();
      store().adopt(name, aside, record -> imported(record, others));
    } catch (IOException e) {
      throw AtomicFiles.failure("import " + archive + " to", aside, e);
    } finally {
      delete(aside);
    }
    engine
        .events()
        .normal(name, "Imported", "from " + archive + ", held stopped; 'vmctl start' runs it");
    engine.wake(name);
    return name;
  }

  private List<VmRecord> others() {
    return store().names().stream().flatMap(name -> engine.read(name).stream()).toList();
  }

  private VmRecord imported(VmRecord record, List<VmRecord> others) {
    boolean known =
        others.stream()
            .anyMatch(
                other -> other.uuid().equals(record.uuid()) || other.mac().equals(record.mac()));
    Hold hold =
        new Hold(Hold.Kind.STOPPED, "cli", now(), "imported", engine.settings().stopGrace());
    return engine
        .intents()
        .imported(record, known)
        .withSource(SourceId.restored())
        .withHolds(List.of(hold));
  }

  /**
   * Gives a VM that is held stopped another name; its disk, uuid, MAC address and keys stay.
   *
   * @throws VmException vm.still_declared when its VMFile declares the old name
   */
  void rename(VmRecord record, VmName to) {
    VmName from = record.name();
    if (from.equals(to)) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN, from + " has this name already", "choose another name");
    }
    declaration(record)
        .ifPresent(
            declared -> {
              throw stillDeclared(from, to, declared);
            });
    for (VmName name : Stream.of(from, to).sorted(Comparator.naturalOrder()).toList()) {
      admission.admit(name);
    }
    boolean renamed =
        Observing.seen(engine.seen(record)) == Seen.ABSENT
            && store().rename(from, to, now -> now.isHeld(Hold.Kind.STOPPED));
    if (!renamed) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          from + " is not held stopped: it cannot get another name",
          "stop it first: vmctl stop " + from);
    }
    engine.events().normal(to, "Renamed", "was " + from);
    engine.wake(from);
    engine.wake(to);
  }

  /** Where its source still declares it. */
  private Optional<Declaration> declaration(VmRecord record) {
    return switch (record.source().kind()) {
      case CLI -> Optional.empty();
      case GIT -> FollowedSources.declaration(engine, record.source(), record.name());
      case DIRECTORY, FILE ->
          engine
              .parts()
              .directories()
              .apply(Path.of(record.source().location()))
              .read()
              .declarations()
              .stream()
              .filter(declared -> declared.name().equals(record.name()))
              .findFirst();
    };
  }

  private static VmException stillDeclared(VmName from, VmName to, Declaration declared) {
    return new VmException(
        ErrorCode.VM_STILL_DECLARED,
        from + " is declared at " + declared.file() + ":" + declared.line(),
        "change the name there to " + to + " first, and then run this again");
  }

  private static void delete(Path path) {
    try (Stream<Path> tree = Files.exists(path) ? Files.walk(path) : Stream.<Path>empty()) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", path, e);
    }
  }

  private VmStore store() {
    return engine.store();
  }

  private Instant now() {
    return engine.parts().timeline().now();
  }
}
