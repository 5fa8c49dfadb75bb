package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmctl dashboard}. */
@Command(
    name = "dashboard",
    description = {
      "Print a link to the daemon's page, and open it where there is a desktop.",
      "The link is good for one browser and five minutes; the browser stays logged in for 12 hours."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl dashboard",
      "  vmctl dashboard --print         only the link",
    })
final class DashboardCommand implements Callable<Integer> {
  private final Session session;

  @Option(names = "--print", description = "Only print it.")
  private boolean print;

  DashboardCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    String link = session.read(DashboardCommand::link);
    session.terminal().out().println(link);
    session.terminal().flush();
    if (!print && hasDesktop()) {
      open(link);
    }
    return ExitCode.DONE;
  }

  private static String link(Vmctl vmctl) {
    if (vmctl instanceof DaemonClient daemon) {
      return daemon.dashboard();
    }
    throw new VmException(
        ErrorCode.DAEMON_UNREACHABLE,
        "the page is served by a daemon, and there is none",
        "start one: vmctl daemon --watch DIR");
  }

  private boolean hasDesktop() {
    Map<String, String> environment = session.surroundings().environment();
    boolean screen =
        !environment.getOrDefault("DISPLAY", "").isEmpty()
            || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
    return screen && isInstalled("xdg-open", environment.getOrDefault("PATH", ""));
  }

  private static boolean isInstalled(String program, String path) {
    return Pattern.compile(":")
        .splitAsStream(path)
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** The link is on the screen already, so whoever cannot open it has lost nothing. */
  private void open(String link) {
    try {
      new ProcessBuilder(List.of("xdg-open", link))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      session.terminal().say("no browser was opened: " + e.getMessage());
    }
  }
}
