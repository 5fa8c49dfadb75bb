package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Field;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.ValueText;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmFileReaderTest {
  private static final Path FILE = Path.of("/srv/vms/VMFile.kdl");

  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  @Test
  void aVmFileOfTheOriginalMeansWhatItMeantThere() {
    VmSpec spec =
        only(
            """
            vm "web" {
                image-url "https://example.org/debian.qcow2.zst"
                vcpus 2
                memory 2048
                disk 20
                network "user"
                cloud-init {
                    hostname "front"
                    ssh-key "~/.ssh/id.pub"
                }
                ssh { user "ubuntu"; private-key "~/.ssh/id" }
                provision "shell" { inline "id" }
                provision "shell" { script "setup.sh" }
                provision "file" { source "a.conf"; destination "/etc/a.conf" }
            }
            """);

    assertThat(spec.name().value()).isEqualTo("web");
    assertThat(spec.imageUrl()).isEqualTo("https://example.org/debian.qcow2.zst");
    assertThat(spec.vcpus()).isEqualTo(2);
    assertThat(spec.memoryMb()).isEqualTo(2048);
    assertThat(spec.diskBytes()).isEqualTo(20L << 30);
    assertThat(spec.network()).isEqualTo(new NetworkSpec.User());
    assertThat(spec.cloudInit())
        .isEqualTo(new CloudInitSpec("front", Path.of("/home/ann/.ssh/id.pub"), null));
    assertThat(spec.ssh()).isEqualTo(new SshSpec("ubuntu", Path.of("/home/ann/.ssh/id")));
    assertThat(spec.provision())
        .containsExactly(
            new ProvisionStep.Inline("id"),
            new ProvisionStep.Script(Path.of("/srv/vms/setup.sh")),
            new ProvisionStep.FileCopy(Path.of("/srv/vms/a.conf"), "/etc/a.conf"));
  }

  @Test
  void whatIsNotDeclaredStaysUndeclared() {
    VmSpec spec = only("vm \"web\" { image \"a\" }");

    for (Field<?> field : VmFields.ALL) {
      if (field != VmFields.IMAGE) {
        assertThat((Object) field.of(spec)).as(field.path()).isNull();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'network \"tap\" { bridge \"br7\" }', tap:br7",
    "'network \"tap\" bridge=\"br7\"', tap:br7",
    "'network \"tap\"', tap:br0",
    "'network \"tap\" {}', tap:br0",
    "'network \"vnic\" { name \"v0\" }', vnic:v0",
    "'network \"vnic\" name=v0', vnic:v0",
    "'network \"none\"', none",
    "network user, user",
  })
  void bothSpellingsOfANetworkAreRead(String written, String network) {
    assertThat(vm(written).network()).extracting(NetworkSpec::text).isEqualTo(network);
  }

  @ParameterizedTest
  @CsvSource({
    "image, /srv/vms/image",
    "./image, /srv/vms/image",
    "a/./b/image, /srv/vms/a/b/image",
    "../image, /srv/vms/../image",
    "/abs/image, /abs/image",
    "~, /home/ann",
    "~/image, /home/ann/image",
    "~//image, /home/ann/image",
    "a~b, /srv/vms/a~b",
    "'x,readonly=on', '/srv/vms/x,readonly=on'",
  })
  void pathsStartAtTheFilesDirectoryOrAtHome(String written, String meant) {
    assertThat(only("vm \"a\" { image \"" + written + "\" }").image()).hasToString(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "2048, 2048",
    "2048.0, 2048",
    "0x400, 1024",
    "2e3, 2000",
    "'\"2GiB\"', 2048",
    "'\"2g\"', 2048",
    "'\"512M\"', 512",
    "'\"1.5G\"', 1536",
    "'\"2 GiB\"', 2048",
    "'\"1048576K\"', 1024",
    "'\"1TiB\"', 1048576",
    "'\"2097152B\"', 2",
  })
  void memoryIsReadInMebibytes(String written, long mebibytes) {
    assertThat(vm("memory " + written).memoryMb()).isEqualTo(mebibytes);
  }

  @ParameterizedTest
  @CsvSource({
    "20, 21474836480",
    "1.5, 1610612736",
    "'\"512M\"', 536870912",
    "'\"20GiB\"', 21474836480",
    "'\"0.5T\"', 549755813888",
    "'\"1000B\"', 1000",
  })
  void disksAreReadInBytes(String written, long bytes) {
    assertThat(vm("disk " + written).diskBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uefi", "uefi #true", "uefi true"})
  void aBooleanNodeAloneMeansTrue(String written) {
    assertThat(vm(written).uefi()).isTrue();
  }

  @Test
  void aBooleanCanBeFalse() {
    assertThat(vm("uefi #false").uefi()).isFalse();
  }

  static List<Field<?>> fields() {
    return VmFields.ALL;
  }

  /** So a new field needs a descriptor, and nothing in this room. */
  @ParameterizedTest
  @MethodSource("fields")
  void everyFieldIsReadAsItsDescriptorSaysItIsWritten(Field<?> field) {
    List<String> path = List.of(field.path().split("\\."));
    String node =
        String.join(" { ", path.subList(0, path.size() - 1))
            + (path.size() > 1 ? " { " : "")
            + field.example()
            + " }".repeat(path.size() - 1);
    boolean image =
        field == VmFields.IMAGE || field == VmFields.IMAGE_URL || field == VmFields.IMAGE_BUILD;
    String beside = image ? "" : "image \"a\"\n";
    if (field == VmFields.INITRD || field == VmFields.CMDLINE) {
      beside += "kernel \"vmlinuz\"\n";
    }
    if (field == VmFields.SECURE_BOOT) {
      beside += "uefi #true\n";
    }
    if (field == PolicyFields.READY || field == PolicyFields.LIVENESS) {
      beside += "forward host=5432 guest=5432\nforward host=8080 guest=8080\n";
    }

    VmSpec spec = only("vm \"web\" {\n" + beside + node + "\n}");

    assertThat((Object) field.of(spec)).as(node).isNotNull();
  }

  @Test
  void aChecksumMayBeAPropertyOfItsImage() {
    String digest = "0123456789abcdef".repeat(4);

    VmSpec spec = only("vm \"web\" { image-url \"https://e.org/a\" sha256=\"" + digest + "\" }");

    assertThat(spec.imageSha256()).isEqualTo(digest);
    assertThat(spec.imageUrl()).isEqualTo("https://e.org/a");
  }

  @ParameterizedTest
  @MethodSource("fields")
  void everyWordOfAChoiceHasAValue(Field<?> field) {
    for (String word : field.choices()) {
      List<String> path = List.of(field.path().split("\\."));
      VmSpec spec =
          vm(String.join(" { ", path) + " \"" + word + "\"" + " }".repeat(path.size() - 1));
      assertThat(ValueText.of(Objects.requireNonNull(field.of(spec)))).isEqualTo(word);
    }
  }

  @Test
  void theFilesOfAVmAreKnownWithTheirUse() {
    DeclaredVm vm =
        reader
            .read(
                FILE,
                """
                vm "web" {
                    image "a"
                    cloud-init { ssh-key "k" }
                    ssh { private-key "p" }
                    provision "shell" { script "s" }
                    provision "file" source="f" destination="d"
                }
                """)
            .declarations()
            .getFirst();

    assertThat(vm.files())
        .extracting(Object::toString)
        .containsExactly(
            "image /srv/vms/a",
            "cloud-init.ssh-key /srv/vms/k",
            "ssh.private-key /srv/vms/p",
            "provision.script /srv/vms/s",
            "provision.source /srv/vms/f");
    assertThat(vm.files())
        .filteredOn(DeclaredFile::contentCounts)
        .extracting(DeclaredFile::field)
        .containsExactly("cloud-init.ssh-key", "provision.script", "provision.source");
  }

  @Test
  void aVmKnowsWhereItsNameStands() {
    VmFile file = reader.read(FILE, "\n  vm \"a\" { image \"a\" }; vm \"b\" { image \"b\" }\n");

    assertThat(file.declarations()).extracting(DeclaredVm::line).containsExactly(2, 2);
    assertThat(file.declarations()).extracting(DeclaredVm::column).containsExactly(6, 28);
  }

  @Test
  void aFileWithOneBadVmDeclaresNone() {
    VmFile file = reader.read(FILE, "vm \"a\" { image \"a\" }\nvm \"b\"\n");

    assertThat(file.isUsable()).isFalse();
    assertThat(file.declarations()).isEmpty();
  }

  @Test
  void warningsKeepNothingFromBeingUsed() {
    VmFile file = reader.read(FILE, "vm \"a\" { (x)image \"a\" }");

    assertThat(file.diagnostics()).extracting(Diagnostic::isError).containsExactly(false);
    assertThat(file.isUsable()).isTrue();
    assertThat(file.declarations()).hasSize(1);
  }

  @Test
  void findingsAreBounded() {
    VmFile file = reader.read(FILE, "vm \"a\" {\n" + "x 1\n".repeat(5000) + "}");

    assertThat(file.diagnostics()).hasSize(Findings.LIMIT + 1);
    assertThat(file.diagnostics().getLast().code()).isEqualTo(VmFileCode.TOO_MANY.text());
  }

  @Test
  void aVmOfTheNoopBackendNeedsNoImage() {
    assertThat(only("vm \"a\" { backend \"noop\" }").image()).isNull();
  }

  @Test
  void slashdashedNodesAreNotThere() {
    VmFile file = reader.read(FILE, "/- vm \"x\"\nvm \"a\" { image \"a\"; /- vcpus 9 }");

    assertThat(file.declarations()).hasSize(1);
    assertThat(file.declarations().getFirst().spec().vcpus()).isNull();
  }

  private VmSpec vm(String nodes) {
    return only("vm \"web\" {\n    image \"a\"\n    " + nodes + "\n}\n");
  }

  private VmSpec only(String text) {
    VmFile file = reader.read(FILE, text);
    assertThat(file.diagnostics()).isEmpty();
    assertThat(file.declarations()).hasSize(1);
    return file.declarations().getFirst().spec();
  }

  @Test
  void theBackendThatVmsGetWhoDeclareNoneCountsWhereItIsKnown() {
    String text =
        """
        vm "a" { image "a.qcow2"; network "tap" }
        vm "b" { image "a.qcow2"; backend "qemu"; network "tap" }
        """;
    Path file = Path.of("/x/VMFile.kdl");
    Path home = Path.of("/home/ann");

    assertThat(new VmFileReader(home).read(file, text).isUsable()).isTrue();
    assertThat(new VmFileReader(home, BackendTag.BHYVE).read(file, text).isUsable()).isTrue();
    assertThat(new VmFileReader(home, BackendTag.PROPOLIS).read(file, text).diagnostics())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.line()).isEqualTo(1);
              assertThat(finding.code()).isEqualTo("vmfile.not_supported");
              assertThat(finding.message())
                  .isEqualTo("network \"tap\" is not supported by propolis");
              assertThat(finding.help()).contains("network \"vnic\"");
            });
  }
}
