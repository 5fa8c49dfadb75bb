package dev.vmctl.vmfile;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks that the files a VMFile names are there, for {@code vmctl validate}: this host's state is
 * no part of a file's being valid.
 */
public final class FileChecks {
  private final List<Diagnostic> found = new ArrayList<>();

  private FileChecks() {}

  /** What is missing, in the order of the VMFile; nothing is opened. */
  public static List<Diagnostic> check(VmFile file) {
    FileChecks checks = new FileChecks();
    for (DeclaredVm vm : file.declarations()) {
      for (DeclaredFile named : vm.files()) {
        if (checks.found.size() < Findings.LIMIT) {
          checks.check(named).ifPresent(checks.found::add);
        }
      }
    }
    return List.copyOf(checks.found);
  }

  private Optional<Diagnostic> check(DeclaredFile named) {
    Path path = named.path();
    try {
      FileStamp stamp = FileStamp.of(path);
      if (named.isDirectory() && !stamp.isDirectory()) {
        return Optional.of(named.missing("is not a directory", "name the directory it is in"));
      }
      if (stamp.isDirectory() && !named.isDirectory()) {
        if (named.field().equals(VmFields.IMAGE_BUILD.path())) {
          return Optional.empty();
        }
        return Optional.of(named.missing("is a directory", "name a file in it instead"));
      }
      if (named.contentCounts() && !stamp.isRegularFile()) {
        return Optional.of(
            named.missing("is a pipe, a socket or a device", "save what it gives to a file"));
      }
    } catch (NoSuchFileException e) {
      return Optional.of(named.missing("does not exist", help(path)));
    } catch (IOException e) {
      return Optional.of(named.missing("cannot be looked at: " + e.getMessage(), help(path)));
    }
    return Files.isReadable(path)
        ? Optional.empty()
        : Optional.of(named.missing("may not be read by this user", "chmod u+r, or chown"));
  }

  /** Where the path stops to be true is what one looks for first. */
  private static String help(Path path) {
    Path parent = path.getParent();
    if (parent == null || Files.isDirectory(parent)) {
      return "check the name; relative paths begin at the VMFile's directory";
    }
    return "there is no directory " + parent + "; relative paths begin at the VMFile's directory";
  }
}
