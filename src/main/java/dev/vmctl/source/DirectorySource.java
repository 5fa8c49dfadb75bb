package dev.vmctl.source;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.source.LoadedFile.Loaded;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.DeclaredVm;
import dev.vmctl.vmfile.FileStamp;
import dev.vmctl.vmfile.VmFileCode;
import dev.vmctl.vmfile.VmFileDiscovery;
import dev.vmctl.vmfile.VmFileReader;
import dev.vmctl.vmfile.VmFileSet;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The VMFiles directly in one directory.
 *
 * <p>A file that cannot be used, because it is invalid, half-written, or names a script or key that
 * is not there, makes the snapshot partial and takes none of the others with it. A VM that two
 * files declare is taken from neither. A directory that cannot be listed is unknown, never empty.
 *
 * <p>What a look costs when nothing changed is one {@code stat} for each VMFile and each input.
 */
public final class DirectorySource implements Source {
  private final Path directory;
  private final SourceId id;
  private final FileLoader loader;

  /**
   * A source that need not exist yet.
   *
   * @param clock tells how long ago a file was changed; must be the clock of the file systems
   */
  public DirectorySource(Path directory, VmFileReader reader, InstantSource clock) {
    this(CanonicalPath.of(directory), reader, clock, SourceId::directory);
  }

  private DirectorySource(
      Path directory, VmFileReader reader, InstantSource clock, Function<Path, SourceId> id) {
    this.directory = directory;
    this.id = id.apply(directory);
    this.loader = new FileLoader(reader, clock);
  }

  /**
   * A directory that is part of another source. Links in its path stay in the paths of what it
   * declares: they may lead elsewhere tomorrow.
   *
   * @param directory absolute
   */
  public static DirectorySource within(
      SourceId source, Path directory, VmFileReader reader, InstantSource clock) {
    return new DirectorySource(directory, reader, clock, path -> source);
  }

  @Override
  public SourceId id() {
    return id;
  }

  /** The directory, by its canonical name; what to watch. */
  public Path directory() {
    return directory;
  }

  @Override
  public synchronized Snapshot read() {
    String identity;
    List<Path> paths;
    try {
      FileStamp stamp = FileStamp.of(directory);
      if (!stamp.isDirectory()) {
        return unknown("it is not a directory");
      }
      identity = stamp.identity();
      paths = VmFileDiscovery.list(directory);
      if (!FileStamp.of(directory).identity().equals(identity)) {
        return unknown("it was replaced while it was read");
      }
    } catch (NoSuchFileException e) {
      return unknown("it does not exist");
    } catch (AccessDeniedException e) {
      return unknown("this user may not read it");
    } catch (IOException e) {
      return unknown("it cannot be read: " + e.getMessage());
    }
    return snapshot(identity, paths, loader.load(paths));
  }

  private Snapshot snapshot(String identity, List<Path> paths, List<LoadedFile> files) {
    Map<VmName, List<Loaded>> byName = new LinkedHashMap<>();
    List<Diagnostic> diagnostics = new ArrayList<>();
    Set<Path> broken = new HashSet<>();
    for (LoadedFile file : files) {
      diagnostics.addAll(file.diagnostics());
      if (file.broken()) {
        broken.add(file.path());
      }
      for (Loaded loaded : file.declarations()) {
        byName.computeIfAbsent(loaded.vm().name(), name -> new ArrayList<>(1)).add(loaded);
      }
    }
    List<Declaration> declarations = new ArrayList<>(byName.size());
    List<DeclaredVm> alone = new ArrayList<>(byName.size());
    for (List<Loaded> same : byName.values()) {
      if (same.size() == 1) {
        declarations.add(same.getFirst().declaration());
        alone.add(same.getFirst().vm());
      } else {
        same.forEach(one -> broken.add(one.vm().file()));
        diagnostics.addAll(conflicts(same));
      }
    }
    // None of them could ever start, so none is taken.
    Map<DeclaredVm, Optional<Diagnostic>> circles = VmFileSet.circles(alone);
    circles.forEach(
        (vm, finding) -> {
          broken.add(vm.file());
          finding.ifPresent(diagnostics::add);
          declarations.removeIf(declaration -> declaration.name().equals(vm.name()));
        });
    Trust trust = broken.isEmpty() ? Trust.COMPLETE : Trust.PARTIAL;
    return new Snapshot(
        id, trust, "", identity, declarations, broken, Set.copyOf(paths), diagnostics);
  }

  /** Nobody can know which of the two is meant, so each file hears of the other. */
  private static List<Diagnostic> conflicts(List<Loaded> same) {
    List<Diagnostic> conflicts = new ArrayList<>();
    for (int i = 0; i < same.size(); i++) {
      var vm = same.get(i).vm();
      var other = same.get(i == 0 ? 1 : 0).vm();
      conflicts.add(
          vm.finding(
                  VmFileCode.DUPLICATE_VM,
                  "VM '" + vm.name() + "' is declared in two files; neither is taken",
                  "the other is " + other.file() + ":" + other.line() + "; rename or remove one")
              .with(other.label("the other one")));
    }
    return conflicts;
  }

  private Snapshot unknown(String why) {
    return new Snapshot(id, Trust.UNKNOWN, why, "", List.of(), Set.of(), Set.of(), List.of());
  }
}
