package dev.vmctl.daemon;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.ThisHost;
import dev.vmctl.model.VmException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Starts the daemon: reads the command line, tells Quarkus, and stays until a signal ends it. */
@QuarkusMain
public final class DaemonMain {
  private static final int USAGE_EXIT_CODE = 64;

  private DaemonMain() {}

  /**
   * Ends the process: 0 after a signal or for help, 1 when it cannot start, 64 on a usage error.
   */
  public static void main(String... arguments) {
    // Kept: Quarkus sends what is printed from later on to its log.
    PrintStream stderr = System.err;
    DaemonOptions options = new DaemonOptions();
    CommandLine commandLine = options.commandLine(System.getenv());
    DaemonSettings settings;
    HostFacts host = ThisHost.facts();
    try {
      commandLine.parseArgs(arguments);
      if (options.help()) {
        commandLine.usage(System.out);
        return;
      }
      settings = options.settings(host, System.getenv());
      if (options.installs()) {
        new ServiceInstall(host, options.forUser(), System.getProperty("vmctl.home", ""))
            .install(options.follows() ? settings : null)
            .forEach(System.out::println);
        return;
      }
      if (options.showsConfig()) {
        System.out.print(ShownConfig.of(settings));
        return;
      }
    } catch (VmException e) {
      StartupFailure.of(e, Listen.DEFAULT).print(stderr);
      System.exit(1);
      return;
    } catch (ParameterException e) {
      stderr.println(
          StartupFailure.usage(String.valueOf(e.getMessage()), "run: vmctl daemon --help").text());
      System.exit(USAGE_EXIT_CODE);
      return;
    }
    QuarkusProperties.of(settings, settings.socket(host)).forEach(System::setProperty);
    ExitSignals.handle(() -> Quarkus.asyncExit(0));
    Quarkus.run(
        DaemonApplication.class,
        (code, failure) -> {
          if (failure != null) {
            StartupFailure.of(failure, settings.listen()).print(stderr);
          }
          System.exit(code);
        },
        arguments);
  }
}
