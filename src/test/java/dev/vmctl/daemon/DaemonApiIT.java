package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.Version;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.Changes;
import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.LabelChange;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.ProgramRequest;
import dev.vmctl.api.ProgramView;
import dev.vmctl.api.SampleViews;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon as its own client sees it. */
@QuarkusTest
@QuarkusTestResource(TestDirectory.class)
class DaemonApiIT {
  private static final VmName WEB = SampleViews.WEB;

  @Inject FakeEngine engine;
  @Inject ApiSocket socket;

  private DaemonClient client = new DaemonClient(Path.of("/nonexistent"));

  @BeforeEach
  void connect() {
    client = new DaemonClient(socket.path());
    engine.vmctl.calls.clear();
    engine.vmctl.applied.clear();
    engine.vmctl.failure = null;
  }

  @Test
  void everyQuestionIsAnsweredAsTheEngineAnswersIt() {
    assertThat(client.info()).isEqualTo(engine.vmctl.info());
    assertThat(client.list()).containsExactly(SampleViews.SUMMARY);
    assertThat(client.status(WEB)).isEqualTo(SampleViews.STATUS);
    assertThat(client.ssh(WEB)).isEqualTo(engine.vmctl.ssh(WEB));
    assertThat(client.console(WEB)).isEqualTo(engine.vmctl.console(WEB));
    assertThat(client.images()).containsExactly(SampleViews.IMAGE);
    assertThat(client.trash()).containsExactly(SampleViews.TRASHED);
    assertThat(client.events(new EventQuery(WEB, SampleViews.NOON)))
        .isEqualTo(new EventPage(List.of(SampleViews.EVENT), 100));
    assertThat(client.eventsAfter(7, Duration.ofSeconds(2)))
        .isEqualTo(new EventPage(List.of(SampleViews.EVENT), 17));
    assertThat(client.serverVersion()).contains(Version.CURRENT);
  }

  @Test
  void everyCommandReachesTheEngineWithItsArguments() {
    client.start(WEB);
    client.stop(WEB, Duration.ofSeconds(90));
    client.suspend(WEB);
    client.suspendToDisk(WEB, true);
    client.discardMemory(WEB);
    client.takeSnapshot(WEB, new SnapshotRequest("a.b", true, false));
    client.restoreSnapshot(WEB, new SnapshotRequest("a.b", false, true));
    client.deleteSnapshot(WEB, "a.b");
    assertThat(client.snapshots(WEB)).isEqualTo(engine.vmctl.snapshots(WEB));
    assertThat(client.cloneVm(WEB, new CloneRequest(new VmName("copy"), null, true)).of())
        .isEqualTo("web");
    client.resume(WEB);
    client.reload(WEB, false);
    client.reload(WEB, true);
    client.provision(WEB);
    client.destroy(WEB, false);
    client.destroy(WEB, true);
    assertThat(client.restore("t 1")).isEqualTo(WEB);
    assertThat(client.emptyTrash(List.of("a", "b"))).isEqualTo(2);
    assertThat(engine.vmctl.calls)
        .containsExactly(
            "start web",
            "stop 90s web",
            "suspend web",
            "suspend to disk web until boot",
            "discard memory web",
            "take web SnapshotRequest[name=a.b, diskOnly=true, start=false]",
            "restore web SnapshotRequest[name=a.b, diskOnly=false, start=true]",
            "delete web a.b",
            "clone web CloneRequest[to=copy, snapshot=null, start=true]",
            "resume web",
            "reload without provision web",
            "reload web",
            "provision web",
            "destroy web",
            "purge web",
            "restore t 1",
            "empty [a, b]");
  }

  @Test
  void aRequestToApplyArrivesAsItWasSent() {
    VmSpec spec = VmSpec.of(WEB, new FieldValues());
    ApplyRequest request =
        new ApplyRequest(
            SourceId.file(Path.of("/srv/VMFile.kdl")),
            List.of(new Declaration(spec, Path.of("/srv/VMFile.kdl"), 3, Map.of())),
            Set.of(WEB),
            true,
            false,
            ApplyRequest.Provisioning.AGAIN);
    assertThat(client.plan(request)).isEqualTo(SampleViews.PLAN);
    assertThat(client.apply(request)).isEqualTo(SampleViews.APPLIED);
    assertThat(engine.vmctl.applied).containsExactly(request, request);
  }

  @Test
  void logsArriveByteForByteWithTheNextOffset() {
    LogChunk chunk = client.log(WEB, LogKind.PROVISION, -100, Duration.ofSeconds(2));
    assertThat(chunk.next()).isEqualTo(-96);
    assertThat(chunk.data()).containsExactly(0, 0xff, '\r', '\n');
    assertThat(engine.vmctl.calls).containsExactly("log web PROVISION -100 PT2S");
  }

  @Test
  void whatIsDoneInAGuestArrivesByteForByte() {
    assertThat(client.startProgram(WEB, new ProgramRequest(List.of("cat", "a b"), new byte[3])))
        .isEqualTo(7);
    ProgramView program = client.program(WEB, 7, Duration.ofSeconds(2));
    assertThat(program.id()).isEqualTo(7);
    assertThat(program.end())
        .isNotNull()
        .satisfies(
            end -> {
              assertThat(end.exitCode()).isEqualTo(3);
              assertThat(end.out()).containsExactly(0, 0xff);
              assertThat(end.err()).containsExactly('e');
              assertThat(end.cut()).isTrue();
            });
    assertThat(client.screenshot(WEB)).isEqualTo(engine.vmctl.screenshot(WEB));
    client.label(WEB, new LabelChange(Map.of("a", "b"), Set.of("c")));
    assertThat(client.logOffset(WEB, LogKind.CONSOLE, SampleViews.NOON)).isEqualTo(42);
    assertThat(engine.vmctl.calls)
        .containsExactly(
            "program [cat, a b] 3 in web",
            "program web 7 PT2S",
            "label {a=b} [c] web",
            "log offset web CONSOLE 2026-03-04T12:00:00.500Z");
  }

  @Test
  void anErrorOfTheEngineComesBackWithItsCodeAndHelp() {
    assertThatThrownBy(() -> client.status(new VmName("wib")))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.VM_NOT_FOUND);
              assertThat(e).hasMessage("there is no VM wib");
              assertThat(e.help()).isEqualTo("did you mean web?");
            });
  }

  @Test
  void aFaultOfOursIsAnInternalErrorWithoutItsTrace() {
    engine.vmctl.failure = new IllegalStateException("oops");
    assertThatThrownBy(() -> client.resume(WEB))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
              assertThat(e).hasMessageContaining("oops").hasMessageNotContaining("\tat ");
            });
  }

  @Test
  void hundredsOfLongPollsLeaveRoomForOthers() throws Exception {
    engine.vmctl.gate = new CountDownLatch(1);
    List<Future<Changes>> polls = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 300; i++) {
        long since = i;
        polls.add(threads.submit(() -> client.changes(Set.of(WEB), since, Duration.ofSeconds(60))));
      }
      // The watch of another test may go on asking.
      Awaitility.await()
          .until(
              () ->
                  engine.vmctl.calls.stream()
                          .filter(call -> call.startsWith("changes [web]"))
                          .count()
                      == 300);
      assertThat(client.list()).hasSize(1);
      engine.vmctl.gate.countDown();
      for (int i = 0; i < 300; i++) {
        assertThat(polls.get(i).get().version()).isEqualTo(i + 1);
      }
    }
    assertThat(engine.vmctl.calls).contains("changes [web] 7 PT1M");
  }

  @Test
  void everythingIsLookedAtAnewAgainAndAgain() {
    int before = engine.resyncs.get();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> engine.resyncs.get() >= before + 2);
  }

  @Test
  void whatIsDoneWithImagesIsFollowedToItsEnd() {
    ImageRequest.Pull pull = new ImageRequest.Pull("https://e.org/a", "x", "debian");
    for (ImageRequest request :
        List.of(pull, new ImageRequest.Verify("v"), new ImageRequest.Push("p", "oci://e.org/a"))) {
      ImageTask begun = client.begin(request);
      assertThat(begun.activity()).isEqualTo("downloading 50 % of it");
      ImageTask ended = client.imageTask(begun.id(), begun.version(), Duration.ZERO);
      assertThat(ended.image()).isEqualTo(SampleViews.IMAGE);
    }
    assertThat(client.remove(new ImageRemoval(List.of("a"), true)))
        .containsExactly(SampleViews.IMAGE);
  }
}
