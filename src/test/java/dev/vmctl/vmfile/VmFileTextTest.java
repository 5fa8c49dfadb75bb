package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ForwardSpec.Protocol;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VmFileTextTest {
  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  private void assertReadsAsItself(FieldValues values) {
    VmSpec spec = VmSpec.of(new VmName("web"), values);
    String text = VmFileText.of(spec);
    VmFile file = reader.read(Path.of("/srv/VMFile.kdl"), text);
    assertThat(file.diagnostics()).as(text).isEmpty();
    assertThat(file.declarations()).singleElement().extracting(DeclaredVm::spec).isEqualTo(spec);
  }

  private static FieldValues onDisk() {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/srv/a \"b\\c, d.qcow2"));
    values.put(VmFields.VCPUS, 3);
    values.put(VmFields.MEMORY, 777L);
    return values;
  }

  @Test
  void aMachineOnADiskIsDeclaredAsItIs() {
    assertReadsAsItself(onDisk());
    assertThat(VmFileText.of(VmSpec.of(new VmName("web"), onDisk())))
        .isEqualTo(
            """
            vm web {
                image "/srv/a \\"b\\\\c, d.qcow2"
                vcpus 3
                memory 777
            }
            """);
  }

  @Test
  void whateverWasFoundOfItIsReadAgain() {
    FieldValues values = onDisk();
    values.put(VmFields.BACKEND, BackendTag.QEMU);
    values.put(VmFields.KERNEL, Path.of("/boot/vmlinuz"));
    values.put(VmFields.INITRD, Path.of("/boot/initrd"));
    values.put(VmFields.CMDLINE, "console=ttyS0 root=/dev/vda x=\"y\"");
    values.put(VmFields.MACHINE, "pc-i440fx-7.2");
    values.put(VmFields.SSH_USER, "ann");
    values.put(
        VmFields.FORWARD,
        List.of(
            new ForwardSpec(Protocol.TCP, "127.0.0.1", 8080, 80),
            new ForwardSpec(Protocol.UDP, "0.0.0.0", 5353, 53)));
    values.put(
        VmFields.DISKS,
        List.of(
            new DiskSpec("data1", 1L << 30, null, null),
            new DiskSpec("data2", 12345 * 512L, null, null)));
    assertReadsAsItself(values);
  }

  @Test
  void whateverACommandLineAsksForIsReadAgain() {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE_URL, "https://example.org/a b?c".replace(" ", "%20"));
    values.put(VmFields.IMAGE_SHA256, "https://example.org/SHA256SUMS");
    values.put(VmFields.DISK, 3L << 30);
    values.put(VmFields.CPU, "max,-vmx");
    values.put(VmFields.CLOUD_INIT_HOSTNAME, "h");
    values.put(VmFields.CLOUD_INIT_SSH_KEY, Path.of("/k y.pub"));
    values.put(VmFields.LABELS, Map.of("example.org/tier", "front", "a", ""));
    assertReadsAsItself(values);
    FieldValues built = new FieldValues();
    built.put(VmFields.IMAGE_BUILD, Path.of("/guests/debian"));
    built.put(VmFields.CLOUD_INIT_USER_DATA, Path.of("/c.yaml"));
    assertReadsAsItself(built);
  }

  @Test
  void itsNetworkIsReadAgain() {
    for (NetworkSpec network :
        List.of(
            new NetworkSpec.Tap("br7"), new NetworkSpec.None(), new NetworkSpec.Private("lan"))) {
      FieldValues values = onDisk();
      values.put(VmFields.NETWORK, network);
      assertReadsAsItself(values);
    }
    FieldValues uefi = onDisk();
    uefi.put(VmFields.UEFI, true);
    assertReadsAsItself(uefi);
  }
}
