package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.vmfile.VmFileDiscovery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** What the files and directories on a command line stand for. */
final class VmFilePlaces {
  private final Session session;

  VmFilePlaces(Session session) {
    this.session = session;
  }

  /**
   * The VMFiles, each once; without any, the one in the working directory.
   *
   * @throws VmException vmfile.not_found for a place that is not there
   */
  List<Path> files(List<Path> places) {
    LinkedHashSet<Path> files = new LinkedHashSet<>();
    for (Path written : places.isEmpty() ? List.of(Path.of(VmFileDiscovery.NAME)) : places) {
      Path place = session.surroundings().resolve(written);
      if (Files.isDirectory(place)) {
        files.addAll(session.vmFiles().find(place));
      } else if (Files.exists(place)) {
        files.add(place);
      } else {
        throw new VmException(
            ErrorCode.VMFILE_NOT_FOUND, "there is no " + place, "name a VMFile or a directory");
      }
    }
    return new ArrayList<>(files);
  }
}
