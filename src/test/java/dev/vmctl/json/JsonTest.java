package dev.vmctl.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.Changes;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.model.Accel;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.Condition;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LifecycleSpec;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.OnFailedReplace;
import dev.vmctl.model.OnRemove;
import dev.vmctl.model.PolicySpec;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.VmState;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
  private static final Instant NOON = Instant.parse("2026-03-04T12:00:00.123456789Z");
  private static final VmName WEB = new VmName("web-1");
  private static final VmSummary SUMMARY =
      new VmSummary(
          "web-1", "running", true, "qemu", 2, 2048, "user", 4711L, 2222, "/srv/VMFile.kdl", true);
  private static final VmSummary STOPPED =
      new VmSummary("db", "stopped", false, "noop", 1, 512, "none", null, null, "cli", false);

  private final ObjectMapper mapper = Json.mapper();

  static List<Object> values() {
    return List.of(
        SUMMARY,
        STOPPED,
        status(SUMMARY),
        sparseStatus(),
        new Changes(7, List.of(status(SUMMARY), sparseStatus()), List.of("old")),
        new ApplyResult(List.of(WEB), List.of(new VmName("a")), List.of(new VmName("b"))),
        request(),
        new ConsoleAccess(Path.of("/run/a.serial"), Path.of("/data/with space/console.log")),
        new ConsoleAccess(
            null,
            Path.of("/data/console.log"),
            new ConsoleAccess.WebSocketAccess(
                URI.create("ws://10.88.0.7:12400/instance/serial?most_recent=16384"),
                Map.of("api-version", "2.0.0"))),
        new SshAccess(
            "127.0.0.1",
            2222,
            "vm",
            List.of(Path.of("/k1"), Path.of("/k2")),
            Path.of("/known"),
            "vmctl-web-1",
            true),
        new ServerInfo("0.1.0", 12, true, false, Path.of("/data"), List.of("/etc/vms")),
        new TrashView("t1", "web-1", "disk", NOON, "replaced", 1L << 40),
        new PlanView(
            List.of(
                new PlanView.VmPlan(
                    "web-1",
                    "restart",
                    "memory changes",
                    List.of(new PlanView.FieldChange("memory", "1024", null, "restart"))))),
        new VmEvent(NOON, VmEvent.Type.WARNING, "Crashed", WEB, "it died", 3),
        new VmEvent(NOON, VmEvent.Type.NORMAL, "Started", null, "", 1),
        new Condition(
            Condition.Type.READY, Condition.Status.FALSE, "Held", "by hand", 3, Instant.EPOCH),
        new Diagnostic(
            Path.of("VMFile.kdl"), 3, 4, 5, Diagnostic.Severity.ERROR, "vmfile.x", "no", "yes"),
        new Declaration(bareSpec(), Path.of("/a"), 1, Map.of()),
        SourceId.cli(),
        new MacAddress("52:54:00:00:00:01"));
  }

  static List<NetworkSpec> networks() {
    return List.of(
        new NetworkSpec.User(),
        new NetworkSpec.Tap("br7"),
        new NetworkSpec.Vnic("net0"),
        new NetworkSpec.None());
  }

  static List<ProvisionStep> steps() {
    return List.of(
        new ProvisionStep.Inline("echo \"a\"\n"),
        new ProvisionStep.Script(Path.of("/s/setup.sh")),
        new ProvisionStep.FileCopy(Path.of("/s/a b.conf"), "/etc/a.conf"));
  }

  private static VmStatus status(VmSummary summary) {
    return new VmStatus(
        summary,
        "6a1c0f3e-0000-4000-8000-000000000001",
        4,
        3,
        List.of(new VmStatus.ConditionView("Ready", "False", "Starting", "boots", 4, NOON)),
        List.of(new VmStatus.HoldView("power", "stop", NOON, "asked")),
        2,
        new VmStatus.ProvisionView(false, "sha256:00", 2),
        "tcg",
        "KVM hangs",
        "pc-q35-7.2",
        "52:54:00:00:00:01",
        "127.0.0.1:1",
        10_737_418_240L,
        Map.of("directory", "/data/vms/web-1"),
        "waiting for SSH",
        false,
        new VmStatus.CommitView(null, "c0ffee"),
        new VmStatus.Failure("qemu.spawn_failed", "no", "try"),
        List.of(),
        null,
        null);
  }

  private static VmStatus sparseStatus() {
    return new VmStatus(
        STOPPED,
        "u",
        1,
        0,
        List.of(),
        List.of(),
        0,
        new VmStatus.ProvisionView(true, "", 0),
        null,
        null,
        null,
        null,
        null,
        null,
        Map.of(),
        "",
        true,
        null,
        null,
        List.of(),
        null,
        null);
  }

  private static VmSpec bareSpec() {
    return VmSpec.of(WEB, new FieldValues());
  }

  private static PolicySpec policy() {
    ProbeSpec probe =
        new ProbeSpec(
            List.of(
                new ProbeCheck.Ssh(),
                new ProbeCheck.Tcp(5432),
                new ProbeCheck.Http("/health", 80),
                new ProbeCheck.Exec("true"),
                new ProbeCheck.Agent(),
                new ProbeCheck.Log("login:")),
            Duration.ofMinutes(5),
            Duration.ofMillis(1500),
            3);
    return new PolicySpec(
        RestartPolicy.ON_FAILURE,
        new LifecycleSpec(
            new ApplyPolicy(null, ApplyPolicy.Mode.AUTO, ApplyPolicy.Mode.MANUAL),
            true,
            OnRemove.ORPHAN,
            OnFailedReplace.RESTORE),
        List.of(new Dependency(new VmName("db"), Dependency.Until.PROVISIONED)),
        probe,
        probe);
  }

  private static ApplyRequest request() {
    VmSpec full =
        new VmSpec(
            WEB,
            BackendTag.QEMU,
            Path.of("/images/a.qcow2"),
            "https://example.org/a.qcow2",
            Path.of("/guests/debian"),
            "0123456789abcdef",
            2,
            4,
            2048L,
            4096L,
            1L << 34,
            new NetworkSpec.Tap("br0"),
            Accel.AUTO,
            "q35",
            "host",
            true,
            true,
            false,
            Path.of("/k"),
            Path.of("/i"),
            "quiet",
            new CloudInitSpec("h", Path.of("/key.pub"), null),
            new SshSpec("ubuntu", Path.of("/key")),
            steps(),
            List.of(
                new DiskSpec("data", 1L << 30, null, null),
                new DiskSpec("tools", null, Path.of("/t.qcow2"), null),
                new DiskSpec("more", 5L, null, "https://example.org/m.qcow2")),
            List.of(
                new NicSpec("lan", new NetworkSpec.Tap("br0"), new MacAddress("52:54:00:12:34:56")),
                new NicSpec("lab", new NetworkSpec.User(), null)),
            List.of(new ForwardSpec(ForwardSpec.Protocol.UDP, "0.0.0.0", 53, 53)),
            List.of(new ShareSpec(Path.of("/src"), "/mnt/src", true, ShareSpec.Via.PLAN9)),
            Map.of("example.org/tier", "web", "a", ""),
            List.of(new EnvVariable("A", "", null), new EnvVariable("B", null, Path.of("/secret"))),
            List.of("node-*"),
            policy());
    return new ApplyRequest(
        SourceId.file(Path.of("/srv/VMFile.kdl")),
        List.of(
            new Declaration(
                full, Path.of("/srv/VMFile.kdl"), 3, Map.of("/s/setup.sh", "sha256:aa")),
            new Declaration(bareSpec(), Path.of("/srv/VMFile.kdl"), 9, Map.of())),
        Set.of(WEB),
        true,
        false,
        ApplyRequest.Provisioning.AGAIN);
  }

  @ParameterizedTest
  @MethodSource("values")
  void everyRecordComesBackEqual(Object value) throws JsonProcessingException {
    String text = mapper.writeValueAsString(value);

    assertThat((Object) mapper.readValue(text, value.getClass())).as(text).isEqualTo(value);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyNetworkComesBackEqual(NetworkSpec network) throws JsonProcessingException {
    String text = mapper.writerFor(NetworkSpec.class).writeValueAsString(network);

    assertThat(mapper.readValue(text, NetworkSpec.class)).as(text).isEqualTo(network);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void everyProvisionStepComesBackEqual(ProvisionStep step) throws JsonProcessingException {
    String text = mapper.writerFor(ProvisionStep.class).writeValueAsString(step);

    assertThat(mapper.readValue(text, ProvisionStep.class)).as(text).isEqualTo(step);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void errorCodesAreWrittenAsPrinted(ErrorCode code) throws JsonProcessingException {
    assertThat(mapper.writeValueAsString(code)).isEqualTo('"' + code.text() + '"');
    assertThat(mapper.readValue('"' + code.text() + '"', ErrorCode.class)).isEqualTo(code);
  }

  @Test
  void enumsAreWrittenInTheWordsShownToPeople() throws JsonProcessingException {
    assertThat(mapper.writeValueAsString(VmEvent.Type.NORMAL)).isEqualTo("\"Normal\"");
    assertThat(mapper.writeValueAsString(Condition.Type.READY)).isEqualTo("\"Ready\"");
    assertThat(mapper.writeValueAsString(ExitReason.GUEST_PANIC)).isEqualTo("\"GuestPanic\"");
    assertThat(mapper.readValue("\"suspended\"", VmState.class)).isEqualTo(VmState.SUSPENDED);
  }

  @Test
  void theSummaryOfAStatusLiesFlatAmongItsFields() {
    JsonNode json = mapper.valueToTree(status(SUMMARY));

    assertThat(json.has("summary")).isFalse();
    assertThat(json.path("name").asText()).isEqualTo("web-1");
    assertThat(json.path("sshPort").asInt()).isEqualTo(2222);
    assertThat(json.path("observedGeneration").asInt()).isEqualTo(3);
  }

  @Test
  void theClassOfAPlannedChangeIsCalledClass() {
    JsonNode json = mapper.valueToTree(new PlanView.FieldChange("memory", "1", "2", "restart"));

    assertThat(json.path("class").asText()).isEqualTo("restart");
    assertThat(json.has("changeClass")).isFalse();
  }

  @Test
  void questionsThatRecordsAnswerAreNotProperties() {
    assertThat(mapper.<JsonNode>valueToTree(new PlanView(List.of())).toString())
        .isEqualTo("{\"vms\":[]}");
  }

  @Test
  void instantsAreWrittenInIso8601() throws JsonProcessingException {
    assertThat(mapper.writeValueAsString(Map.of("at", NOON)))
        .isEqualTo("{\"at\":\"2026-03-04T12:00:00.123456789Z\"}");
  }

  @Test
  void aFieldOfANewerWriterIsIgnored() throws JsonProcessingException {
    assertThat(mapper.readValue("{\"value\":1,\"kind\":\"none\"}", NetworkSpec.class))
        .isEqualTo(new NetworkSpec.None());
  }

  @Test
  void anUnknownKindOfNetworkIsRefused() {
    assertThatThrownBy(() -> mapper.readValue("{\"kind\":\"pigeon\"}", NetworkSpec.class))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("pigeon");
  }
}
