package dev.vmctl.daemon;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.ThisHost;
import io.quarkus.runtime.annotations.CommandLineArguments;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The settings of {@link DaemonMain}, read again from the same command line. */
final class SettingsProducer {
  @Produces
  @Singleton
  HostFacts host() {
    return ThisHost.facts();
  }

  @Produces
  @Singleton
  HostLocks locks() {
    return ThisHost.locks(ThisHost.processes());
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
