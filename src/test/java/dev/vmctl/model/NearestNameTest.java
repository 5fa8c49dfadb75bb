package dev.vmctl.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  private static final List<String> KNOWN =
      List.of("image", "image-url", "vcpus", "memory", "disk", "network", "cloud-init", "ssh");

  @ParameterizedTest
  @CsvSource({
    "imgae, image", "image_url, image-url", "IMAGE, image", "cpus, vcpus", "memmory, memory",
    "netwrok, network", "cloudinit, cloud-init", "sshh, ssh", "net, network", "mem, memory",
  })
  void aSlipOfTheKeysIsUnderstood(String written, String meant) {
    assertThat(NearestName.of(written, KNOWN)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"firewall", "x", "''", "ram", "ima ge url of mine"})
  void nothingIsGuessedWhereNothingIsNear(String written) {
    assertThat(NearestName.of(written, KNOWN)).isEmpty();
  }

  @Test
  void aHugeNameCostsNothing() {
    assertThat(NearestName.of("x".repeat(10_000_000), KNOWN)).isEmpty();
  }

  @Test
  void aSwapCountsOnce() {
    assertThat(NearestName.distance("imgae", "image")).isEqualTo(1);
    assertThat(NearestName.distance("", "ssh")).isEqualTo(3);
    assertThat(NearestName.distance("ssh", "ssh")).isZero();
  }
}
