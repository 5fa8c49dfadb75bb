package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which VMs of which VMFile a command is about. */
final class VmFileOptions {
  private static final String DEFAULT_FILE = "VMFile.kdl";

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The VMFile. Default: ./VMFile.kdl.")
  @Nullable Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      arity = "1..*",
      split = ",",
      description = "Only these of its VMs.")
  List<VmName> names = List.of();

  /** A VMFile that was read without errors, and the VMs of it that are meant. */
  record Selection(Snapshot snapshot, Set<VmName> names, boolean all) {
    Selection {
      names = Set.copyOf(names);
    }

    ApplyRequest request(boolean prune, ApplyRequest.Provisioning provisioning) {
      return new ApplyRequest(
          snapshot.source(),
          snapshot.declarations(),
          all ? Set.of() : names,
          prune,
          false,
          provisioning);
    }
  }

  /** The VMFile's place. */
  Path path(Session session) {
    Path given = file;
    return session.surroundings().resolve(given == null ? Path.of(DEFAULT_FILE) : given);
  }

  /**
   * Reads the VMFile; warnings are shown.
   *
   * @throws VmException VMFILE_NOT_FOUND; VMFILE_VALIDATION after showing its errors; VM_NOT_FOUND
   *     when it does not declare a VM that was named
   */
  Selection load(Session session) {
    Path path = path(session);
    if (!Files.exists(path)) {
      throw new VmException(
          ErrorCode.VMFILE_NOT_FOUND,
          "there is no VMFile at " + path,
          "name one with --file, or write one: 'vm \"web\" { image \"debian.qcow2\" }'");
    }
    Snapshot snapshot = session.vmFiles().read(path);
    Terminal terminal = session.terminal();
    for (Diagnostic finding : snapshot.diagnostics()) {
      terminal.say(session.vmFiles().render(finding, terminal.colour()));
    }
    long errors = snapshot.diagnostics().stream().filter(Diagnostic::isError).count();
    if (errors > 0 || snapshot.trust() != Snapshot.Trust.COMPLETE) {
      throw new VmException(
          ErrorCode.VMFILE_VALIDATION,
          errors == 0 ? snapshot.why() : path + " has " + count(errors, "error"),
          "nothing was changed");
    }
    if (snapshot.declarations().isEmpty()) {
      terminal.say(
          "note: no VM of "
              + path
              + " is meant for this host, "
              + session.surroundings().hostName()
              + " (hosts)");
    }
    return select(snapshot, path);
  }

  private Selection select(Snapshot snapshot, Path path) {
    Set<VmName> declared =
        snapshot.declarations().stream()
            .map(Declaration::name)
            .collect(Collectors.toCollection(TreeSet::new));
    for (VmName name : names) {
      if (!declared.contains(name)) {
        throw new VmException(
            ErrorCode.VM_NOT_FOUND,
            path + " declares no VM '" + name + "'",
            "it declares "
                + declared.stream().map(VmName::value).collect(Collectors.joining(", ")));
      }
    }
    return names.isEmpty()
        ? new Selection(snapshot, declared, true)
        : new Selection(snapshot, Set.copyOf(names), false);
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
