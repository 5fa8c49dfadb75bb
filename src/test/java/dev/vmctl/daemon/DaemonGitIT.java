package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.SourceView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.git.GitWork;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that follows a repository, from the first push to the last. */
class DaemonGitIT {
  private static final VmName WEB = new VmName("web");
  private static final VmName DB = new VmName("db");
  private static final String SECRET = "hook-secret";

  @TempDir Path directory = Path.of("/nonexistent");

  @Test
  @Fault(area = Area.GIT, value = "a webhook is not to be believed")
  void pushesAreFollowedWholeOrNotAtAll(Seen seen) throws Exception {
    GitWork work = GitWork.in(directory);
    String first = work.write("vms/web.kdl", vm("web", 1)).write("vms/db.kdl", vm("db", 1)).push();
    Path secret = Files.writeString(directory.resolve("hook.secret"), SECRET + "\n");
    Path config =
        Files.writeString(
            directory.resolve("vmctl.kdl"),
            """
            listen "127.0.0.1:0"
            git "fleet" {
              url "%s"
              branch "main"
              path "vms"
              interval "1h"
              webhook-secret-file "%s"
            }
            """
                .formatted(work.url(), secret));
    Path data = directory.resolve("data");
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, data, "--config", config.toString()).serving()) {
      DaemonClient client = daemon.client();
      awaitReady(client, WEB);
      awaitReady(client, DB);
      assertThat(client.status(WEB).commit()).isEqualTo(new VmStatus.CommitView(first, first));

      assertThat(deliver(daemon.port(), "not the secret")).isEqualTo(401);
      String second = work.write("vms/web.kdl", vm("web", 2)).push();
      assertThat(deliver(daemon.port(), SECRET, second)).isEqualTo(202);
      assertThat(deliver(daemon.port(), SECRET, second)).isEqualTo(409);
      until(() -> commit(client, WEB, second) && client.status(WEB).summary().vcpus() == 2);
      // Nothing of it has changed, so its new commit runs at once, and its generation stays.
      assertThat(client.status(DB).commit()).isEqualTo(new VmStatus.CommitView(second, second));
      assertThat(client.status(DB).generation()).isEqualTo(1);

      work.remove("vms/db.kdl").write("vms/web.kdl", vm("web", 0));
      String broken = work.push();
      client.syncSource("fleet");
      until(() -> source(client).state().equals("refused"));
      assertThat(source(client).wanted()).isEqualTo(broken);
      assertThat(source(client).problem()).contains(broken, "vms/web.kdl:3:9: ");
      until(() -> stalled(client.status(WEB)).contains("vms/web.kdl:3:9: "));
      assertThat(client.status(WEB).commit()).isEqualTo(new VmStatus.CommitView(second, second));
      assertThat(client.status(DB).summary().ready()).isTrue();
      assertThatThrownBy(() -> client.destroy(DB, false))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("still declared at")
          .hasMessageContaining("vms/db.kdl:1");

      client.suspendSource("fleet");
      String mended = work.write("vms/web.kdl", vm("web", 2)).push();
      assertThat(deliver(daemon.port(), SECRET)).isEqualTo(202);
      assertThat(source(client).state()).isEqualTo("suspended");
      client.resumeSource("fleet");
      until(() -> client.list().size() == 1);
      assertThat(commit(client, WEB, mended)).isTrue();
      assertThat(stalled(client.status(WEB))).isEmpty();
      assertThat(daemon.stderr()).doesNotContain(SECRET);
      seen.says("signed with another secret", "HTTP 401; " + logged(daemon, "not signed"));
      seen.says("taken before", "HTTP 409; " + logged(daemon, "taken before"));
    }
  }

  @Test
  @Fault(area = Area.GIT, value = "a source cannot be added or removed")
  void whatACommandAddedIsFollowedAfterARestartToo(Seen seen) throws Exception {
    GitWork work = GitWork.in(directory);
    work.write("vms/web.kdl", vm("web", 1)).push();
    Path vms = Files.createDirectory(directory.resolve("watched"));
    Files.writeString(vms.resolve("db.kdl"), vm("db", 1));
    Path config =
        Files.writeString(
            directory.resolve("vmctl.kdl"),
            "listen \"127.0.0.1:0\"\nwatch \"%s\"\n".formatted(vms));
    Path secret = Files.writeString(directory.resolve("hook.secret"), SECRET);
    Path data = directory.resolve("data");
    AddedSource fleet = repository("fleet", work.url(), "vms", secret);
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, data, "--config", config.toString()).serving()) {
      DaemonClient client = daemon.client();
      assertThat(client.addSource(fleet).configured()).isNull();
      awaitReady(client, WEB);
      seen.calling(directory, "<dir>");
      refused(seen, "its name is taken", () -> client.addSource(fleet));
      refused(
          seen,
          "it is followed already",
          () -> client.addSource(repository("again", work.url(), "vms", secret)));
      refused(
          seen,
          "no URL that is followed",
          () -> client.addSource(repository("x", "gopher://x/y", "", secret)));
      refused(
          seen,
          "no such directory",
          () -> client.addSource(AddedSource.of(directory.resolve("none"))));
      refused(seen, "it is configured", () -> client.removeSource(vms.toString(), false));
    }
    String second = work.write("vms/web.kdl", vm("web", 2)).push();
    // What an older vmctl may have taken, and this one does not.
    Path added = data.resolve("added-sources.json");
    Files.writeString(
        added,
        Files.readString(added)
            .replaceFirst(
                "\\[",
                "[ {\"name\": \"old\", \"repository\": {\"url\": \"gopher://x/y\","
                    + " \"branch\": \"\", \"path\": \"\", \"signers\": []}},"));
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, data, "--config", config.toString()).serving()) {
      DaemonClient client = daemon.client();
      SourceView old = client.sources().get(1);
      assertThat(old.state()).isEqualTo("unknown");
      assertThat(old.problem()).contains("gopher", "vmctl source remove old");
      client.removeSource("old", false);
      until(() -> commit(client, WEB, second));
      String third = work.write("vms/web.kdl", vm("web", 3)).push();
      assertThat(deliver(daemon.port(), SECRET, third)).isEqualTo(202);
      until(() -> commit(client, WEB, third));

      assertThat(client.removeSource("fleet", false).kept()).containsExactly("web");
      assertThat(deliver(daemon.port(), SECRET)).isEqualTo(404);
      assertThat(client.sources()).extracting(SourceView::name).containsExactly(vms.toString());
      assertThat(client.status(WEB).summary().ready()).isTrue();
      client.addSource(fleet);
      until(() -> client.status(WEB).summary().source().contains("fleet.git"));
      assertThat(client.status(WEB).generation()).isEqualTo(3);
      assertThat(client.removeSource("fleet", true).removed()).containsExactly("web");
      until(() -> client.list().size() == 1);
      awaitReady(client, DB);
    }
    assertThat(Files.readString(data.resolve("added-sources.json"))).doesNotContain("fleet");
  }

  private static void refused(Seen seen, String whichCase, ThrowingCallable asked) {
    assertThatThrownBy(asked)
        .isInstanceOfSatisfying(VmException.class, failure -> seen.failed(whichCase, failure));
  }

  /** What the daemon has logged with these words, without when and by whom. */
  private static String logged(DaemonProcess daemon, String words) throws IOException {
    return daemon
        .stderr()
        .lines()
        .filter(line -> line.contains(words))
        .map(line -> line.replaceFirst(".*] +", ""))
        .findFirst()
        .orElseThrow();
  }

  private static AddedSource repository(String name, String url, String path, Path secret) {
    return new AddedSource(
        name,
        null,
        new AddedSource.Repository(
            url, "main", path, 3600L, null, null, null, null, List.of(), secret));
  }

  private static String vm(String name, int vcpus) {
    return "vm \"" + name + "\" {\n  backend \"noop\"\n  vcpus " + vcpus + "\n}\n";
  }

  private static void awaitReady(DaemonClient client, VmName name) {
    until(
        () ->
            client.list().stream()
                .anyMatch(each -> each.name().equals(name.value()) && each.ready()));
  }

  private static boolean commit(DaemonClient client, VmName name, String wanted) {
    return new VmStatus.CommitView(wanted, wanted).equals(client.status(name).commit());
  }

  private static String stalled(VmStatus status) {
    return status.conditions().stream()
        .filter(each -> each.type().equals("Stalled") && each.status().equals("True"))
        .map(VmStatus.ConditionView::message)
        .findFirst()
        .orElse("");
  }

  private static SourceView source(DaemonClient client) {
    return client.sources().getFirst();
  }

  private static void until(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition);
  }

  /** What a forge sends. */
  private static int deliver(int port, String secret) throws Exception {
    return deliver(port, secret, UUID.randomUUID().toString());
  }

  private static int deliver(int port, String secret, String after) throws Exception {
    byte[] body =
        ("{\"ref\": \"refs/heads/main\", \"after\": \"" + after + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hooks/git"))
                  .header(
                      "X-Hub-Signature-256",
                      "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
