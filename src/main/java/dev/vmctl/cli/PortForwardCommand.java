package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl port-forward}. */
@Command(
    name = "port-forward",
    description = {
      "Lead ports of this host to a guest's, over SSH, until Ctrl-C.",
      "They listen on the loopback address unless another is named. Ports that are to last stand in the VMFile: 'vmctl explain forward'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl port-forward web 8080:80             our 8080 is the guest's 80",
      "  vmctl port-forward db 5432 9187            the same number on both sides",
      "  vmctl port-forward web 0.0.0.0:8080:80     for other hosts, too",
    })
final class PortForwardCommand implements Callable<Integer> {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<address>[^:]+|\\[[^]]+]):(?=\\d+:))?(?<ours>\\d{1,5})(?::(?<theirs>\\d{1,5}))?");
  private static final int LAST_PORT = 65_535;

  private final Session session;
  @Mixin private final SshLogin login = new SshLogin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PORTS",
      description = "[[ADDRESS:]OURS:]THEIRS, or one number for both.")
  private List<String> ports = List.of();

  PortForwardCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<String> forwards = ports.stream().map(this::forward).toList();
    SshLogin.Reached guest = login.reach(session, name);
    List<String> command = new ArrayList<>(List.of("ssh", "-N", "-T", "-p", guest.port()));
    command.addAll(List.of("-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15"));
    forwards.forEach(each -> command.addAll(List.of("-L", each)));
    command.addAll(guest.options().arguments());
    command.addAll(List.of("-l", guest.options().user(), guest.access().host()));
    forwards.forEach(each -> session.terminal().say(name + ": " + shown(each)));
    int code = session.foreground().run(command);
    if (code != ExitCode.DONE) {
      throw new VmException(
          ErrorCode.SSH_FAILED,
          "nothing is forwarded any more: ssh ended with " + code,
          "the lines above say why; see 'vmctl status " + name + "'");
    }
    return code;
  }

  /** Before anything is said of it. Whoever takes it after this look is told of by ssh. */
  private static void requireFree(String address, int port) {
    try (ServerSocket _ =
        new ServerSocket(port, 1, address.equals("*") ? null : InetAddress.getByName(address))) {
      // Ours for the moment.
    } catch (IOException taken) {
      throw new VmException(
          ErrorCode.PORT_TAKEN,
          "cannot listen on port " + port + " of " + address + ": " + taken.getMessage(),
          "forward another: vmctl port-forward NAME OURS:THEIRS",
          taken);
    }
  }

  private String forward(String written) {
    Matcher matcher = FORM.matcher(written);
    if (!matcher.matches()) {
      throw wrong(written, "write 8080:80, 127.0.0.2:8080:80 or 80");
    }
    int ours = port(written, matcher.group("ours"));
    String theirs = matcher.group("theirs");
    String address = matcher.group("address") == null ? "127.0.0.1" : matcher.group("address");
    requireFree(address, ours);
    return address + ":" + ours + ":127.0.0.1:" + (theirs == null ? ours : port(written, theirs));
  }

  private int port(String written, String digits) {
    int port = Integer.parseInt(digits);
    if (port < 1 || port > LAST_PORT) {
      throw wrong(written, "a port is a number from 1 to " + LAST_PORT);
    }
    return port;
  }

  private ParameterException wrong(String written, String help) {
    return new ParameterException(spec.commandLine(), "'" + written + "' is no port: " + help);
  }

  private static String shown(String forward) {
    int end = forward.lastIndexOf(":127.0.0.1:");
    return forward.substring(0, end)
        + " leads to its port "
        + forward.substring(end + ":127.0.0.1:".length())
        + "; Ctrl-C ends it";
  }
}
