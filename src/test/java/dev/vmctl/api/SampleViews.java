package dev.vmctl.api;

import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A view of each kind, of a VM that is called web: what {@link FakeVmctl} answers. */
public final class SampleViews {
  public static final VmName WEB = new VmName("web");

  public static final Instant NOON = Instant.parse("2026-03-04T12:00:00.5Z");

  public static final VmSummary SUMMARY =
      new VmSummary(
          "web", "running", true, "noop", 1, 128, "none", null, null, "/srv/VMFile.kdl", true);

  public static final VmStatus STATUS =
      new VmStatus(
          SUMMARY,
          "6a1c0f3e-0000-4000-8000-000000000001",
          2,
          1,
          List.of(new VmStatus.ConditionView("Ready", "True", "Ok", "", 1, NOON)),
          List.of(),
          3,
          new VmStatus.ProvisionView(true, "sha256:00", 1),
          null,
          null,
          null,
          null,
          null,
          null,
          Map.of("directory", "/data/vms/web"),
          "",
          true,
          null,
          null,
          List.of(),
          null,
          null);

  public static final VmEvent EVENT =
      new VmEvent(NOON, VmEvent.Type.WARNING, "Crashed", WEB, "it died", 2);

  public static final TrashView TRASHED =
      new TrashView("t 1", "web", "disk", NOON, "replaced", 4096);

  public static final PlanView PLAN =
      new PlanView(
          List.of(
              new PlanView.VmPlan(
                  "web",
                  "restart",
                  "memory",
                  List.of(new PlanView.FieldChange("memory", "1", "2", "restart")))));

  public static final ApplyResult APPLIED = new ApplyResult(List.of(WEB), List.of(), List.of());

  public static final ImageView IMAGE =
      new ImageView(
          "sha256:" + "5".repeat(64),
          "qcow2",
          1L << 31,
          4096,
          2048,
          "/images/5",
          List.of("https://example.org/disk.qcow2"),
          List.of("debian"),
          Instant.parse("2026-01-31T12:00:00Z"),
          List.of("web"));

  public static final SourceView SOURCE =
      new SourceView(
          "fleet",
          "git",
          "https://example.org/fleet.git#main:vms",
          "refused",
          "1111111111111111111111111111111111111111",
          "2222222222222222222222222222222222222222",
          NOON,
          2,
          "/etc/vmctl/vmctl.kdl:3",
          "commit 2222222222222222222222222222222222222222 is not taken: vms/web.kdl:3:5: no");

  public static final AdoptView ADOPTED =
      new AdoptView(
              "web",
              "running",
              4711L,
              "the QMP socket /run/web.qmp",
              List.of("/srv/web.qcow2"),
              adoptedSpec(),
              List.of("at its next start it gets vmctl's own devices on the same disk"))
          .asAdopted();

  private static VmSpec adoptedSpec() {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/srv/web.qcow2"));
    values.put(VmFields.VCPUS, 2);
    values.put(VmFields.MEMORY, 512L);
    return VmSpec.of(new VmName("web"), values);
  }

  private SampleViews() {}
}
