package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.hypervisor.propolis.PropolisSettings.SeedWay;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PropolisSettingsTest {
  @Test
  void theEnvironmentSaysWhatDiffersFromTheUsual() {
    PropolisSettings usual = PropolisSettings.of("host-a", Map.of());
    assertThat(usual.apiVersion()).isEqualTo(ApiVersion.DEFAULT);
    assertThat(usual.bootRom()).hasToString("/opt/vmctl/propolis/OVMF_CODE.fd");

    PropolisSettings other =
        PropolisSettings.of(
            "host-a",
            Map.of(
                "VMCTL_PROPOLIS_API_VERSION", "1.0.0",
                "VMCTL_PROPOLIS_SEED", "file",
                "VMCTL_PROPOLIS_CONTROL_NET", "192.168.100.0/24"));
    assertThat(other.apiVersion()).hasToString("1.0.0");
    assertThat(other.seed()).isEqualTo(SeedWay.FILE);
    assertThat(other.control()).hasToString("192.168.100.0/24");
  }

  @ParameterizedTest
  @CsvSource({
    "API_VERSION,five",
    "API_VERSION,5.0",
    "SEED,floppy",
    "CONTROL_NET,10.0.0.0",
    "CONTROL_NET,10.0.0.1/16",
    "CONTROL_NET,10.0.0.0/30",
    "CONTROL_NET,300.0.0.0/16"
  })
  void aVariableThatMakesNoSenseIsNamed(String name, String value) {
    assertThatThrownBy(() -> PropolisSettings.of("host-a", Map.of("VMCTL_PROPOLIS_" + name, value)))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
              assertThat(e).hasMessageContaining("VMCTL_PROPOLIS_" + name);
              assertThat(e.help()).contains("usual value");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 29})
  void everyAddressButTheHostsIsGivenOnceUntilNoneIsLeft(int prefix) {
    ControlNet net = ControlNet.parse("10.88.0.0/" + prefix);
    Set<InetAddress> taken = new HashSet<>();
    int count = (1 << (32 - prefix)) - 3;
    for (int i = 0; i < count; i++) {
      taken.add(net.choose(new UUID(7, i), taken).orElseThrow());
    }
    assertThat(taken).hasSize(count);
    assertThat(taken)
        .map(InetAddress::getHostAddress)
        .doesNotContain("10.88.0.0", "10.88.0.1", "10.88.0." + (count + 2));
    assertThat(net.choose(new UUID(7, 7), taken)).isEmpty();
  }

  @Test
  void aVmKeepsItsAddress() {
    ControlNet net = ControlNet.parse("10.88.0.0/16");
    UUID vm = UUID.fromString("6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01");
    assertThat(net.choose(vm, Set.of())).isEqualTo(net.choose(vm, Set.of())).isPresent();
  }
}
