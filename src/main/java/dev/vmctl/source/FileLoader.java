package dev.vmctl.source;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.vmfile.DeclaredFile;
import dev.vmctl.vmfile.DeclaredVm;
import dev.vmctl.vmfile.FileStamp;
import dev.vmctl.vmfile.SteadyFile;
import dev.vmctl.vmfile.VmFile;
import dev.vmctl.vmfile.VmFileReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loads VMFiles and the digests of their inputs, remembering both for as long as the file system
 * says that nothing changed. Not safe for several threads.
 */
final class FileLoader {
  private static final class Known {
    final VmFile file;
    final @Nullable FileStamp stamp;
    final boolean settled;
    List<String> digests = List.of();
    @Nullable LoadedFile loaded;

    Known(VmFile file, @Nullable FileStamp stamp, boolean settled) {
      this.file = file;
      this.stamp = stamp;
      this.settled = settled;
    }
  }

  private final VmFileReader reader;
  private final InstantSource clock;
  private final InputDigests digests;
  private Map<Path, Known> known = new HashMap<>();

  FileLoader(VmFileReader reader, InstantSource clock) {
    this.reader = reader;
    this.clock = clock;
    this.digests = new InputDigests(clock);
  }

  /** Loads these files, and forgets all others. */
  List<LoadedFile> load(List<Path> paths) {
    InputDigests.Round round = digests.begin();
    Map<Path, Known> seen = HashMap.newHashMap(paths.size());
    List<LoadedFile> loaded = new ArrayList<>(paths.size());
    for (Path path : paths) {
      Known file = look(path);
      seen.put(path, file);
      loaded.add(withInputs(file, round));
    }
    known = seen;
    round.end();
    return loaded;
  }

  private Known look(Path path) {
    Known before = known.get(path);
    if (before != null
        && before.settled
        && before.stamp != null
        && InputDigests.isUnchanged(path, before.stamp)) {
      return before;
    }
    VmFile file = reader.read(path);
    FileStamp stamp = file.stamp();
    return new Known(file, stamp, stamp != null && stamp.isSettled(clock.instant()));
  }

  /** What was made of the file before, as long as its inputs have the same digests. */
  private LoadedFile withInputs(Known known, InputDigests.Round round) {
    VmFile file = known.file;
    List<String> digests = new ArrayList<>();
    List<Diagnostic> missing = new ArrayList<>();
    for (DeclaredVm vm : reader.declaredHere(file)) {
      for (DeclaredFile input : vm.files()) {
        if (input.contentCounts()) {
          try {
            digests.add(round.of(input.path()));
          } catch (SteadyFile.Failure e) {
            missing.add(input.missing(e.getMessage(), e.help()));
          }
        }
      }
    }
    if (!file.isUsable() || !missing.isEmpty()) {
      missing.addAll(0, file.diagnostics());
      return new LoadedFile(file.path(), true, List.of(), missing);
    }
    if (known.loaded == null || !known.digests.equals(digests)) {
      known.loaded = new LoadedFile(file.path(), false, declare(file, digests), file.diagnostics());
      known.digests = digests;
    }
    return known.loaded;
  }

  private List<LoadedFile.Loaded> declare(VmFile file, List<String> digests) {
    Iterator<String> next = digests.iterator();
    List<LoadedFile.Loaded> declarations = new ArrayList<>();
    for (DeclaredVm vm : reader.declaredHere(file)) {
      Map<String, String> inputs = new TreeMap<>();
      for (DeclaredFile input : vm.files()) {
        if (input.contentCounts()) {
          inputs.put(input.path().toString(), next.next());
        }
      }
      Declaration declaration = new Declaration(vm.spec(), file.path(), vm.line(), inputs);
      declarations.add(new LoadedFile.Loaded(declaration, vm));
    }
    return declarations;
  }
}
