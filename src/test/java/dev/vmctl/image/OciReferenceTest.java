package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OciReferenceTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @ParameterizedTest
  @CsvSource({
    "oci://ghcr.io/some/disk:1, https://ghcr.io/v2/some/disk/, ghcr.io, 1",
    "oci://docker.io/disk, https://registry-1.docker.io/v2/library/disk/, docker.io, latest",
    "oci://docker.io/some/disk, https://registry-1.docker.io/v2/some/disk/, docker.io, latest",
    "oci://registry/my.org/disk:1, https://registry/v2/my.org/disk/, registry, 1",
    "oci://registry:5000/disk:1, https://registry:5000/v2/disk/, registry:5000, 1",
    "oci://localhost/disk:1, http://localhost/v2/disk/, localhost, 1",
    "oci://127.0.0.2:5000/disk:1, http://127.0.0.2:5000/v2/disk/, 127.0.0.2:5000, 1",
    "oci://[::1]:5000/disk:1, http://[::1]:5000/v2/disk/, [::1]:5000, 1",
    "oci://127.0.0.1.example.org/disk:1, https://127.0.0.1.example.org/v2/disk/, 127.0.0.1.example.org, 1",
  })
  void aNameSaysWhereItIs(String name, String at, String registry, String tag) {
    OciReference reference = OciReference.of(ImageUrl.parse(name));
    assertThat(reference.at("")).hasToString(at);
    assertThat(reference.registry()).isEqualTo(registry);
    assertThat(reference.reference()).isEqualTo(tag);
    assertThat(reference.isDigest()).isFalse();
  }

  @Test
  void aDigestCountsMoreThanATag() {
    OciReference reference = OciReference.of(ImageUrl.parse("oci://ghcr.io/some/disk:1@" + DIGEST));
    assertThat(reference.reference()).isEqualTo(DIGEST);
    assertThat(reference.isDigest()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci://ghcr.io",
        "oci://ghcr.io/",
        "oci://ghcr.io/Some/disk",
        "oci://ghcr.io/../disk",
        "oci://ghcr.io/some//disk",
        "oci://ghcr.io/disk:",
        "oci://ghcr.io/disk@sha256:abc",
        "oci://ghcr.io/disk@md5:" + "00000000000000000000000000000000"
      })
  void whatIsNoNameIsRefused(String name) {
    ImageUrl url = ImageUrl.parse(name);
    assertThatThrownBy(() -> OciReference.of(url))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("no name in a registry");
  }
}
