package dev.vmctl.daemon;

import dev.vmctl.Version;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Runs from when the daemon serves until it is told to end. */
@ApplicationScoped
class DaemonApplication implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger(DaemonApplication.class);

  private final DaemonSettings settings;
  private final ApiSocket socket;
  private final HttpServer server;
  private final Supervision supervision;
  private final Dashboard dashboard;

  DaemonApplication(
      DaemonSettings settings,
      ApiSocket socket,
      HttpServer server,
      Supervision supervision,
      Dashboard dashboard) {
    this.settings = settings;
    this.socket = socket;
    this.server = server;
    this.supervision = supervision;
    this.dashboard = dashboard;
  }

  @Override
  public int run(String... arguments) {
    socket.protect();
    dashboard.start().ifPresent(url -> LOG.infof("the API is on %s too", url));
    LOG.infof(
        "vmctl %s serves %s; metrics and health on %s; watching %s",
        Version.CURRENT, socket.path(), listening(), followed());
    supervision.serving("serves " + socket.path());
    Quarkus.waitForExit();
    return 0;
  }

  private String followed() {
    List<String> all = new ArrayList<>();
    settings.watch().forEach(directory -> all.add(directory.toString()));
    settings.repositories().forEach(each -> all.add(each.id().toString()));
    return all.isEmpty() ? "nothing" : String.join(", ", all);
  }

  private Listen listening() {
    return switch (settings.listen()) {
      case Listen.Nowhere nowhere -> nowhere;
      // Quarkus tells the port only where it is not the one asked for.
      case Listen.Loopback asked ->
          asked.port() == 0 ? new Listen.Loopback(asked.host(), server.getManagementPort()) : asked;
    };
  }
}
