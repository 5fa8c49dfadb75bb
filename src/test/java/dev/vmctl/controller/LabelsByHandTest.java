package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.LabelChange;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelsByHandTest extends SimulationFixture {
  LabelsByHandTest() {
    super(5);
  }

  private void up(Map<String, String> labels) {
    simulation.up(vm("web", values -> values.put(VmFields.LABELS, labels)));
    simulation.untilReady("web");
  }

  private void label(Map<String, String> set, String... remove) {
    simulation.vmctl.label(WEB, new LabelChange(set, Set.of(remove)));
  }

  private Map<String, String> labels() {
    return simulation.vmctl.status(WEB).summary().labels();
  }

  @Test
  void whatAVMFileDeclaresIsChangedThere() {
    up(Map.of("tier", "web"));
    assertThatThrownBy(() -> label(Map.of("stage", "test", "tier", "db")))
        .hasMessageContaining("tier")
        .hasMessageContaining(Simulation.FILE.toString())
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_STILL_DECLARED));
    assertThatThrownBy(() -> label(Map.of(), "tier")).isInstanceOf(VmException.class);
    assertThat(labels()).isEqualTo(Map.of("tier", "web"));
  }

  @Test
  void otherLabelsStayUntilAVMFileDeclaresThem() {
    up(Map.of("tier", "web"));
    label(Map.of("stage", "test", "owner", "ada"));
    up(Map.of("tier", "db"));
    assertThat(labels()).isEqualTo(Map.of("tier", "db", "stage", "test", "owner", "ada"));

    up(Map.of("stage", "live"));
    up(Map.of());
    assertThat(labels()).as("the VMFile had taken it over").isEqualTo(Map.of("owner", "ada"));
    label(Map.of(), "owner", "never-there");
    assertThat(labels()).isEmpty();
  }

  @Test
  void theyChangeNothingOfAVmThatRuns() {
    up(Map.of());
    Long pid = simulation.vmctl.status(WEB).summary().pid();
    label(Map.of("stage", "test"));
    assertThat(simulation.vmctl.status(WEB).observedGeneration()).isEqualTo(1);
    assertThat(simulation.vmctl.status(WEB).summary().pid()).isEqualTo(pid);
  }

  @Test
  void allLabelsOfAVmMadeByHandAreChangedByHand() {
    simulation.vmctl.apply(
        new ApplyRequest(
            SourceId.cli(),
            List.of(vm("web", values -> values.put(VmFields.LABELS, Map.of("tier", "web")))),
            Set.of(),
            false,
            false,
            ApplyRequest.Provisioning.AS_NEEDED));
    simulation.untilReady("web");
    label(Map.of("stage", "test"), "tier");
    assertThat(labels()).isEqualTo(Map.of("stage", "test"));
    assertThat(simulation.vmctl.status(WEB))
        .satisfies(
            status ->
                assertThat(status.observedGeneration())
                    .isEqualTo(status.generation())
                    .isEqualTo(2));
  }

  @Test
  void whatIsNoLabelIsRefused() {
    up(Map.of());
    assertThatThrownBy(() -> label(Map.of("a b", "c"))).isInstanceOf(VmException.class);
    assertThatThrownBy(() -> label(Map.of("a", "b c"))).isInstanceOf(VmException.class);
    assertThat(labels()).isEmpty();
  }
}
