package dev.vmctl.cli;

import dev.vmctl.VmctlEngine;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.VmFileSource;
import dev.vmctl.vmfile.DiagnosticRenderer;
import dev.vmctl.vmfile.FileChecks;
import dev.vmctl.vmfile.VmFile;
import dev.vmctl.vmfile.VmFileDiscovery;
import dev.vmctl.vmfile.VmFileReader;
import dev.vmctl.vmfile.VmFileSet;
import dev.vmctl.vmfile.VmFileText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads VMFiles through the rooms that own them. */
final class SourceVmFiles implements VmFiles {
  private final Surroundings surroundings;
  private final VmFileReader reader;

  SourceVmFiles(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.reader = new VmFileReader(surroundings.home()).onHost(surroundings.hostName());
  }

  @Override
  public Snapshot read(Path file) {
    return new VmFileSource(file, reader, surroundings.clock()).read();
  }

  @Override
  public List<Diagnostic> check(List<Path> files, @Nullable BackendTag usual) {
    VmFileReader checking = new VmFileReader(surroundings.home(), usual);
    List<VmFile> read = files.stream().map(checking::read).toList();
    List<Diagnostic> found = new ArrayList<>();
    for (VmFile file : read) {
      found.addAll(file.diagnostics());
      found.addAll(FileChecks.check(file));
    }
    found.addAll(VmFileSet.check(read));
    return found;
  }

  @Override
  public void require(VmSpec spec) {
    reader.read(Path.of("/cli"), VmFileText.of(spec)).diagnostics().stream()
        .filter(Diagnostic::isError)
        .findFirst()
        .ifPresent(
            wrong -> {
              throw new VmException(ErrorCode.USAGE, wrong.message(), wrong.help());
            });
    if (spec.image() != null) {
      VmctlEngine.requireImage(spec.image());
    }
  }

  @Override
  public List<Path> find(Path directory) {
    try {
      return VmFileDiscovery.list(directory);
    } catch (IOException unreadable) {
      throw new VmException(
          ErrorCode.IO,
          directory + " cannot be listed: " + unreadable.getMessage(),
          "check its permissions",
          unreadable);
    }
  }

  @Override
  public String render(Diagnostic diagnostic, boolean colour) {
    return new DiagnosticRenderer(surroundings.workingDirectory(), colour).render(diagnostic);
  }
}
