package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl ssh}. */
@Command(
    name = "ssh",
    customSynopsis = "vmctl ssh [--user USER] [--key FILE] [--file FILE] [NAME] [-- COMMAND...]%n",
    description = {
      "Log in to a VM, or run a command in it, with the system's ssh and the VM's pinned host key.",
      "Waits up to 30 s for the guest's SSH server. Ends with the command's exit code, or 255."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl ssh web",
      "  vmctl ssh web -- systemctl is-active nginx",
      "  vmctl ssh -- uname -a       the VMFile's only VM",
    })
final class SshCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Session session;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "The VM. Default: the only one of the VMFile.")
  private @Nullable VmName name;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "User to log in as. Default: the VMFile's, else vm.")
  private @Nullable String user;

  @Option(names = "--key", paramLabel = "FILE", description = "Private key to try first.")
  private @Nullable Path key;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The VMFile, when no NAME is given. Default: ./VMFile.kdl.")
  private @Nullable Path file;

  SshCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try {
      VmName chosen = name == null ? onlyVm() : name;
      SshAccess access = session.read(vmctl -> vmctl.ssh(chosen));
      new SshBanner(session.surroundings().nanoTime()).await(access, PATIENCE);
      session.terminal().flush();
      return session.foreground().run(command(access));
    } catch (VmException ours) {
      new ErrorText(session.terminal()).print(ours.code().text(), ours.getMessage(), ours.help());
      return ExitCode.SSH_FAILED;
    }
  }

  private VmName onlyVm() {
    VmFileOptions options = new VmFileOptions();
    options.file = file;
    Set<VmName> declared = options.load(session).names();
    if (declared.size() != 1) {
      throw new VmException(
          ErrorCode.USAGE,
          "the VMFile declares " + declared.size() + " VMs: which one?",
          "name one: " + String.join(", ", declared.stream().sorted().map(VmName::value).toList()));
    }
    return declared.iterator().next();
  }

  private List<String> command(SshAccess access) {
    List<String> command = new ArrayList<>(List.of("ssh", "-p", Integer.toString(access.port())));
    if (key != null) {
      option(command, "IdentityFile", quoted(session.surroundings().resolve(key)));
    }
    access.keys().forEach(each -> option(command, "IdentityFile", quoted(each)));
    option(command, "IdentitiesOnly", "yes");
    option(command, "UserKnownHostsFile", quoted(access.knownHosts()));
    option(command, "GlobalKnownHostsFile", "none");
    option(command, "HostKeyAlias", access.hostKeyAlias());
    option(command, "StrictHostKeyChecking", access.strict() ? "yes" : "accept-new");
    option(command, "UpdateHostKeys", "no");
    option(command, "LogLevel", "ERROR");
    command.addAll(List.of("-l", user == null ? access.user() : user, access.host()));
    List<String> guestCommand = session.afterDashes();
    if (!guestCommand.isEmpty()) {
      command.add("--");
      command.addAll(guestCommand);
    }
    return command;
  }

  /** A path that means itself: ssh splits at blanks, takes off quotes and replaces %h and such. */
  private static String quoted(Path file) {
    return '"'
        + file.toString().replace("%", "%%").replace("\\", "\\\\").replace("\"", "\\\"")
        + '"';
  }

  private static void option(List<String> command, String name, String value) {
    command.addAll(List.of("-o", name + "=" + value));
  }
}
