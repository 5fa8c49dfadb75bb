package dev.vmctl.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WithheldTest {
  private static final EnvVariable FROM_FILE = new EnvVariable("KEY", null, Path.of("/key"));

  private static VmSpec spec(String secret) {
    return VmSpec.of(
        new VmName("web"),
        new FieldValues()
            .with(
                VmFields.IMAGE_URL, "https://me:" + secret + "@example.org:8443/a.img?t=" + secret)
            .with(VmFields.ENV, List.of(new EnvVariable("TOKEN", secret, null), FROM_FILE))
            .with(
                VmFields.PROVISION,
                List.of(
                    new ProvisionStep.Inline(
                        "true", List.of(new EnvVariable("STEP", secret + "s", null))),
                    new ProvisionStep.FileCopy(Path.of("/a"), "/b")))
            .with(
                VmFields.DISKS,
                List.of(
                    new DiskSpec("data", null, null, "https://example.org/d.img?t=" + secret),
                    new DiskSpec("more", 1L << 30, null, null)))
            .with(VmFields.MEMORY, 512L));
  }

  @Test
  void noSecretIsLeftAndAllElseIs() {
    VmSpec withheld = Withheld.from(spec("canary"));
    String text = withheld + withheld.env().getFirst().value() + withheld.disks();
    assertThat(text).doesNotContain("canary").contains("example.org:8443/a.img", "/key");
    assertThat(withheld.memoryMb()).isEqualTo(512);
    assertThat(withheld).isEqualTo(Withheld.from(spec("another")));
    assertThat(Withheld.from(withheld)).isEqualTo(withheld);
  }

  @Test
  void whatIsDeclaredElsewhereComesBack() {
    Set<String> missing = new TreeSet<>();
    VmSpec restored =
        Withheld.restored(Withheld.from(spec("canary")), List.of(spec("canary")), missing);
    assertThat(restored).isEqualTo(spec("canary"));
    assertThat(missing).isEmpty();
  }

  @Test
  void whatIsNowhereIsNamed() {
    Set<String> missing = new TreeSet<>();
    VmSpec other = VmSpec.of(new VmName("web"), new FieldValues());
    Withheld.restored(Withheld.from(spec("canary")), List.of(other), missing);
    assertThat(missing)
        .containsExactly(
            "STEP",
            "TOKEN",
            "https://example.org/d.img?withheld",
            "https://example.org:8443/a.img?withheld");
  }

  @Test
  void aUrlWithoutSecretsStaysAsItIs() {
    VmSpec plain =
        VmSpec.of(
            new VmName("web"), new FieldValues().with(VmFields.IMAGE_URL, "https://example.org/a"));
    assertThat(Withheld.from(plain)).isEqualTo(plain);
    assertThat(Withheld.restored(plain, List.of(), new TreeSet<>())).isEqualTo(plain);
  }
}
