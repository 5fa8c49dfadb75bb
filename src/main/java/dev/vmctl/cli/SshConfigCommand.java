package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl ssh-config}. */
@Command(
    name = "ssh-config",
    description = {
      "Print VMs' sections of an ssh_config file, for scp, rsync, editors and whatever uses SSH.",
      "By default those of all VMs that run. The ports of VMs may change when they start again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl ssh-config > ~/.ssh/vmctl.conf && ssh -F ~/.ssh/vmctl.conf web",
      "  rsync -e \"ssh -F ~/.ssh/vmctl.conf\" -a site/ web:/srv/site/",
      "  vmctl ssh-config web >> ~/.ssh/config",
    })
final class SshConfigCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmSelection selection = new VmSelection();

  SshConfigCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return session.read(this::print);
  }

  private int print(Vmctl vmctl) {
    VmSelection.Chosen chosen = selection.choose(vmctl, session);
    int code = ExitCode.DONE;
    for (VmName name : chosen.names()) {
      try {
        SshAccess access = vmctl.ssh(name);
        session.terminal().out().print(new SshOptions(access, null, null).section(name.value()));
      } catch (VmException unreachable) {
        if (selection.isNamed()) {
          code = new ErrorText(session.terminal()).failed(unreachable, false);
        } else {
          session.terminal().out().println("# " + unreachable.getMessage());
        }
      }
    }
    return chosen.code(code);
  }
}
