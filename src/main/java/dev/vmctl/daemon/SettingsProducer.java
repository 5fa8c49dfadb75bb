package dev.vmctl.daemon;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import io.quarkus.runtime.annotations.CommandLineArguments;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The settings of {@link DaemonMain}, read again from the same command line. */
final class SettingsProducer {
  @Produces
  @Singleton
  HostFacts host() {
    return LinuxHostFacts.ofThisProcess();
  }

  @Produces
  @Singleton
  HostLocks locks() {
    return new LinuxHostLocks(new LinuxHostProcesses());
  }

  @Produces
  @Singleton
  DaemonSettings settings(HostFacts host, @CommandLineArguments String[] arguments) {
    DaemonOptions options = new DaemonOptions();
    options.commandLine(System.getenv()).parseArgs(arguments);
    return options.settings(host, System.getenv());
  }

  @Produces
  @Singleton
  ApiSocket socket(HostFacts host, DaemonSettings settings) {
    return settings.socket(host);
  }
}
