package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl vnc}. */
@Command(
    name = "vnc",
    description = {
      "Open a VM's screen in the VNC viewer that is installed, or say where it is.",
      "It is on the loopback address of the VM's host."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl vnc web",
      "  vmctl vnc web --print                   vnc://127.0.0.1:5900, for another program",
    })
final class VncCommand implements Callable<Integer> {
  /** Viewers and how each takes the address. */
  private static final List<List<String>> VIEWERS =
      List.of(
          List.of("remote-viewer", "vnc://%s:%s"),
          List.of("vncviewer", "%s::%s"),
          List.of("gvncviewer", "%s::%s"));

  private final Session session;

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Option(names = "--print", description = "Only say where it is.")
  private boolean print;

  VncCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    VmStatus vm = session.read(vmctl -> vmctl.status(name));
    String address = vm.vnc();
    if (address == null || vm.summary().pid() == null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " has no screen: it is " + vm.summary().state(),
          "see 'vmctl status "
              + name
              + "'; start it with 'vmctl start "
              + name
              + "'; that of propolis is shown while a daemon runs");
    }
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    String port = address.substring(colon + 1);
    Optional<List<String>> viewer = print ? Optional.empty() : viewer();
    if (viewer.isEmpty()) {
      session.terminal().out().println("vnc://" + host + ":" + port);
      if (!print) {
        session.terminal().say("no viewer is installed here: apt install virt-viewer");
      }
      return ExitCode.DONE;
    }
    session.terminal().flush();
    String program = viewer.get().getFirst();
    return session.foreground().run(List.of(program, viewer.get().get(1).formatted(host, port)));
  }

  private Optional<List<String>> viewer() {
    return VIEWERS.stream().filter(each -> isInstalled(each.getFirst())).findFirst();
  }

  private boolean isInstalled(String program) {
    String path = session.surroundings().environment().getOrDefault("PATH", "");
    return Pattern.compile(":")
        .splitAsStream(path)
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
