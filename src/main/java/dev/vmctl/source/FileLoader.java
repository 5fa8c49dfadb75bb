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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Loads VMFiles and the digests of their inputs, remembering both for as long as the file system
 * says that nothing changed. Not safe for several threads.
 */
final class FileLoader {
  private record Known(VmFile file, FileStamp stamp, boolean settled) {}

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
      loaded.add(withInputs(read(path, seen), round));
    }
    known = seen;
    round.end();
    return loaded;
  }

  private VmFile read(Path path, Map<Path, Known> seen) {
    Known before = known.get(path);
    if (before != null && before.settled() && InputDigests.isUnchanged(path, before.stamp())) {
      seen.put(path, before);
      return before.file();
    }
    VmFile file = reader.read(path);
    FileStamp stamp = file.stamp();
    if (stamp != null) {
      seen.put(path, new Known(file, stamp, stamp.isSettled(clock.instant())));
    }
    return file;
  }

  private static LoadedFile withInputs(VmFile file, InputDigests.Round round) {
    List<Diagnostic> diagnostics = new ArrayList<>(file.diagnostics());
    List<LoadedFile.Loaded> declarations = new ArrayList<>();
    boolean broken = !file.isUsable();
    for (DeclaredVm vm : file.declarations()) {
      Map<String, String> inputs = new TreeMap<>();
      for (DeclaredFile input : vm.files()) {
        if (input.contentCounts()) {
          try {
            inputs.put(input.path().toString(), round.of(input.path()));
          } catch (SteadyFile.Failure e) {
            diagnostics.add(input.missing(e.getMessage(), e.help()));
            broken = true;
          }
        }
      }
      declarations.add(
          new LoadedFile.Loaded(new Declaration(vm.spec(), file.path(), vm.line(), inputs), vm));
    }
    return new LoadedFile(file.path(), broken, broken ? List.of() : declarations, diagnostics);
  }
}
