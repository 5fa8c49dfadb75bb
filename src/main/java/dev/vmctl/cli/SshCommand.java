package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl ssh}. */
@Command(
    name = "ssh",
    customSynopsis =
        "vmctl ssh [-ANt] [-L|-R|-D FORWARD]... [-o OPTION]... [--user USER] [--key FILE]%n"
            + "          [--file FILE] [NAME] [-- COMMAND...]%n",
    description = {
      "Log in to a VM, or run a command in it, with the system's ssh and the VM's pinned host key.",
      "Waits up to 30 s for the guest's SSH server. Ends with the command's exit code, or 255."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl ssh web",
      "  vmctl ssh web -- systemctl is-active nginx",
      "  vmctl ssh -- uname -a                      the VMFile's only VM",
      "  vmctl ssh -A web -- git pull               with your SSH agent",
      "  vmctl ssh -N -L 8080:localhost:80 web      the guest's port 80 as ours, until Ctrl-C",
    })
final class SshCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final SshLogin login = new SshLogin();

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "The VM. Default: the only one of the VMFile.")
  private @Nullable VmName name;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The VMFile, when no NAME is given. Default: ./VMFile.kdl.")
  private @Nullable Path file;

  @Option(names = "-A", description = "Forward the SSH agent.")
  private boolean agent;

  @Option(names = "-N", description = "Run nothing: only forward.")
  private boolean nothing;

  @Option(names = "-t", description = "Give the command a terminal.")
  private boolean tty;

  @Option(
      names = "-L",
      paramLabel = "FORWARD",
      description = "[ADDRESS:]PORT:HOST:PORT: our port leads to the guest's side.")
  private List<String> localForwards = List.of();

  @Option(
      names = "-R",
      paramLabel = "FORWARD",
      description = "[ADDRESS:]PORT:HOST:PORT: the guest's port leads to our side.")
  private List<String> remoteForwards = List.of();

  @Option(
      names = "-D",
      paramLabel = "PORT",
      description = "A SOCKS proxy on our port that connects from the guest.")
  private List<String> dynamicForwards = List.of();

  @Option(names = "-o", paramLabel = "OPTION", description = "NAME=VALUE, as ssh_config has it.")
  private List<String> options = List.of();

  SshCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try {
      VmName chosen = name == null ? onlyVm() : name;
      return session.foreground().run(command(login.reach(session, chosen)));
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

  private List<String> command(SshLogin.Reached guest) {
    List<String> command = new ArrayList<>(List.of("ssh", "-p", guest.port()));
    flag(command, "-A", agent);
    flag(command, "-N", nothing);
    flag(command, "-t", tty);
    // A forward that cannot be had must not look as if it were.
    if (!localForwards.isEmpty() || !remoteForwards.isEmpty() || !dynamicForwards.isEmpty()) {
      command.addAll(List.of("-o", "ExitOnForwardFailure=yes"));
    }
    localForwards.forEach(each -> command.addAll(List.of("-L", each)));
    remoteForwards.forEach(each -> command.addAll(List.of("-R", each)));
    dynamicForwards.forEach(each -> command.addAll(List.of("-D", each)));
    // The first of two settings counts for ssh.
    options.forEach(each -> command.addAll(List.of("-o", each)));
    command.addAll(guest.options().arguments());
    command.addAll(List.of("-l", guest.options().user(), guest.access().host()));
    List<String> guestCommand = session.afterDashes();
    if (!guestCommand.isEmpty()) {
      command.add("--");
      command.addAll(guestCommand);
    }
    return command;
  }

  private static void flag(List<String> command, String name, boolean given) {
    if (given) {
      command.add(name);
    }
  }
}
