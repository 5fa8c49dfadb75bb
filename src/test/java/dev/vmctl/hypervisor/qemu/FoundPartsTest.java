package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.model.NetworkSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What QEMU says of a machine, in its own words. */
class FoundPartsTest {
  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void files() throws Exception {
    directory = temporary.toRealPath();
    for (String name : List.of("root.qcow2", "data.qcow2", "raw.img", "tools.iso")) {
      Files.write(directory.resolve(name), new byte[40960]);
    }
    byte[] seed = new byte[40960];
    System.arraycopy("CIDATA  ".getBytes(StandardCharsets.US_ASCII), 0, seed, 32808, 8);
    Files.write(directory.resolve("seed.iso"), seed);
  }

  @Test
  void theFirstCardCountsAndTheOthersAreNoted() {
    FoundCards cards =
        FoundCards.of(
            """
            virtio-net-pci.0: index=0,type=nic,model=virtio-net-pci,macaddr=52:54:01:02:03:04
             \\ net0: index=0,type=user,net=10.0.2.0,restrict=off
            e1000.0: index=0,type=nic,model=e1000,macaddr=52:54:00:12:34:56
             \\ n2: index=0,type=user,net=10.0.2.0,restrict=off
            """);
    assertThat(Objects.requireNonNull(cards.mac()).value()).isEqualTo("52:54:01:02:03:04");
    assertThat(cards.network()).isEqualTo(new NetworkSpec.User());
    assertThat(cards.notes()).containsExactly("its further network card 52:54:00:12:34:56");
  }

  @Test
  void aTapIsFoundOnItsBridgeAndWithoutOneIsNoted() {
    String said =
        """
        nic0: index=0,type=nic,model=virtio-net-pci,macaddr=52:54:01:02:03:04
         \\ net0: index=0,type=tap,ifname=tap7,script=no,downscript=no
        """;
    FoundCards bridged = FoundCards.of(said, device -> Optional.of("br7"));
    assertThat(bridged.network()).isEqualTo(new NetworkSpec.Tap("br7"));
    assertThat(bridged.device()).isEqualTo("tap7");
    FoundCards alone = FoundCards.of(said, device -> Optional.empty());
    assertThat(alone.network()).isEqualTo(new NetworkSpec.None());
    assertThat(alone.notes()).containsExactly("its network, which is connected to 'tap'");
    assertThat(FoundCards.of("").network()).isEqualTo(new NetworkSpec.None());
  }

  @Test
  void theAgentsChannelIsThatOfItsPort() {
    String tree =
        """
            dev: virtserialport, id ""
              chardev = "spice"
              name = "com.redhat.spice.0"
            dev: virtserialport, id ""
              chardev = "ga"
              nr = 1 (0x1)
              name = "org.qemu.guest_agent.0"
        """;
    assertThat(QtreeText.agentChannel(tree)).contains("ga");
    assertThat(QtreeText.agentChannel("dev: isa-serial, id \"\"")).isEmpty();
    assertThat(QtreeText.listening("disconnected:unix:/run/a,b.sock,server=on"))
        .contains("/run/a,b.sock");
    assertThat(QtreeText.listening("unix:/run/a.sock,server=on")).contains("/run/a.sock");
    assertThat(QtreeText.listening("pty:/dev/pts/3")).isEmpty();
  }

  private FoundBlocks blocks(String... blocks) throws Exception {
    JsonNode answer = new ObjectMapper().readTree("[" + String.join(",", blocks) + "]");
    return FoundBlocks.of(answer, directory);
  }

  private static String block(String device, String file, String format, boolean readOnly) {
    return """
        {"device": "%s", "qdev": "/machine/x", "inserted": {"file": "%s", "drv": "%s", "ro": %s,
         "image": {"virtual-size": 4096, "full-backing-filename": "base.qcow2"}}}
        """
        .formatted(device, file, format, readOnly);
  }

  @Test
  void disksSeedsFirmwareAndOtherMediaAreToldApart() throws Exception {
    FoundBlocks blocks =
        blocks(
            block("drive0", "root.qcow2", "qcow2", false),
            block("cd0", "seed.iso", "raw", true),
            block("cd1", "tools.iso", "raw", true),
            block("pflash0", "code.fd", "raw", true),
            block("pflash1", "vars.fd", "raw", false),
            "{\"device\": \"floppy0\", \"removable\": true}");
    assertThat(blocks.root(null))
        .isEqualTo(
            new FoundDisk(
                directory.resolve("root.qcow2"), "qcow2", 4096, directory.resolve("base.qcow2")));
    assertThat(blocks.seed()).isEqualTo(directory.resolve("seed.iso"));
    assertThat(blocks.variables()).isEqualTo(directory.resolve("vars.fd"));
    assertThat(blocks.notes())
        .containsExactly("its read-only medium " + directory.resolve("tools.iso"));
  }

  @Test
  void ofSeveralDisksOneIsNamed() throws Exception {
    FoundBlocks two =
        blocks(block("a", "root.qcow2", "qcow2", false), block("b", "data.qcow2", "qcow2", false));
    assertThatThrownBy(() -> two.root(null)).hasMessageContaining("it has several disks");
    assertThat(two.root(directory.resolve("data.qcow2")).file())
        .isEqualTo(directory.resolve("data.qcow2"));
    assertThatThrownBy(() -> two.root(directory.resolve("tools.iso")))
        .hasMessageContaining("is none of its disks");
  }

  @Test
  void whatVmctlCouldNotStartAgainIsRefused() throws Exception {
    assertThatThrownBy(() -> blocks(block("a", "gone.qcow2", "qcow2", false)))
        .hasMessageContaining("is no file that can be found here");
    assertThatThrownBy(() -> blocks(block("a", "root.qcow2", "vmdk", false)))
        .hasMessageContaining("in the format 'vmdk'");
    FoundBlocks raw =
        blocks(block("a", "root.qcow2", "qcow2", false), block("b", "raw.img", "raw", false));
    assertThatThrownBy(() -> raw.root(directory.resolve("root.qcow2")))
        .hasMessageContaining("is raw");
    FoundBlocks none = blocks();
    assertThatThrownBy(() -> none.root(null)).hasMessageContaining("no disk that it writes to");
  }
}
