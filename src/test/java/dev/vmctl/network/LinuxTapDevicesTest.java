package dev.vmctl.network;

import static dev.vmctl.network.NetworkNamespace.in;
import static dev.vmctl.network.NetworkNamespace.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.NetworkDevices;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Against the real kernel, in a network namespace of each test's own. */
class LinuxTapDevicesTest {
  private static final VmName WEB = new VmName("web");
  private static final UUID UUID_OF_WEB = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
  private static final UUID UUID_ALIKE = UUID.fromString("01234567-0000-4000-8000-000000000000");

  private final TapDevices taps =
      new LinuxTapDevices(new NetworkDevices(), LinuxHostFacts.ofThisProcess());

  private static <T> T onBridge(Callable<T> test) throws Exception {
    return in(
        () -> {
          run("ip", "link", "add", "br0", "mtu", "1400", "type", "bridge");
          run("ip", "link", "set", "br0", "up");
          return test.call();
        });
  }

  private static List<String> ports() throws IOException, InterruptedException {
    return run("ip", "-o", "link", "show", "master", "br0")
        .lines()
        .map(line -> line.split("[: ]+")[1])
        .toList();
  }

  private static void assertFails(ThrowingCallable call, String... words) {
    failure(call, words);
  }

  private static VmException failure(ThrowingCallable call, String... words) {
    VmException e = catchThrowableOfType(VmException.class, call);
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(e.getMessage()).contains(words);
    assertThat(e.help()).isNotEmpty();
    return e;
  }

  @Test
  void aTapIsOnItsBridgeUpWithTheBridgesMtuAndOpenToUs() throws Exception {
    String shown =
        onBridge(
            () -> {
              assertThat(taps.open(WEB, UUID_OF_WEB, 0, "br0")).isEqualTo("vt01234567");
              return run("ip", "-d", "link", "show", "vt01234567");
            });
    assertThat(shown)
        .contains(
            "master br0",
            "UP",
            "mtu 1400",
            "link/ether fe:a4:0e:58:ba:45",
            "type tap",
            "persist on",
            "user root");
  }

  @Test
  void eachCardHasADeviceAndAllAreRemovedTogether() throws Exception {
    onBridge(
        () -> {
          taps.open(WEB, UUID_OF_WEB, 0, "br0");
          taps.open(WEB, UUID_OF_WEB, 7, "br0");
          assertThat(ports()).containsExactly("vt01234567", "vt01234567n7");
          taps.remove(UUID_OF_WEB);
          assertThat(ports()).isEmpty();
          taps.remove(UUID_OF_WEB);
          return true;
        });
  }

  @Test
  void whatAnEarlierStartLeftIsReplacedAlsoOnAnotherBridge() throws Exception {
    onBridge(
        () -> {
          run("ip", "link", "add", "br1", "type", "bridge");
          taps.open(WEB, UUID_OF_WEB, 0, "br1");
          TapDevices next =
              new LinuxTapDevices(new NetworkDevices(), LinuxHostFacts.ofThisProcess());
          assertThat(next.open(WEB, UUID_OF_WEB, 0, "br0")).isEqualTo("vt01234567");
          assertThat(ports()).containsExactly("vt01234567");
          return true;
        });
  }

  @Test
  @Fault(area = Area.HOST, value = "a device has the name of a VM's tap")
  void aDeviceThatIsNotOursIsNeitherUsedNorRemoved(Seen seen) throws Exception {
    onBridge(
        () -> {
          run("ip", "tuntap", "add", "vt01234567", "mode", "tap");
          seen.failed(
              failure(
                  () -> taps.open(WEB, UUID_OF_WEB, 0, "br0"),
                  "vt01234567",
                  "none that vmctl made"));
          taps.remove(UUID_OF_WEB);
          assertThat(run("ip", "link", "show", "vt01234567")).contains("vt01234567");
          assertThat(ports()).isEmpty();
          return true;
        });
  }

  @Test
  void theTapOfAnotherVmWhoseUuidBeginsAlikeIsNotOurs() throws Exception {
    onBridge(
        () -> {
          taps.open(new VmName("other"), UUID_ALIKE, 0, "br0");
          assertFails(() -> taps.open(WEB, UUID_OF_WEB, 0, "br0"), "none that vmctl made");
          taps.remove(UUID_OF_WEB);
          assertThat(ports()).containsExactly("vt01234567");
          return true;
        });
  }

  @Test
  @Fault(area = Area.HOST, value = "the bridge of a VM is missing")
  void withoutABridgeNothingIsMade(Seen seen) throws Exception {
    onBridge(
        () -> {
          seen.failed(failure(() -> taps.open(WEB, UUID_OF_WEB, 0, "br9"), "web", "no bridge br9"));
          run("ip", "tuntap", "add", "tap9", "mode", "tap");
          assertFails(() -> taps.check(WEB, "tap9"), "tap9 is no bridge but a device of tun");
          assertFails(() -> taps.check(WEB, "lo"), "lo is no bridge");
          taps.check(WEB, "br0");
          assertThat(run("ip", "-o", "link")).doesNotContain("vt01234567");
          return true;
        });
  }

  @Test
  @Fault(area = Area.HOST, value = "a program has the tap of a VM open")
  void aTapThatAProgramHasOpenIsNotTakenAwayFromIt(Seen seen) throws Exception {
    onBridge(
        () -> {
          String tap = taps.open(WEB, UUID_OF_WEB, 0, "br0");
          Process qemu =
              new ProcessBuilder(
                      "qemu-system-x86_64",
                      "-nodefaults",
                      "-display",
                      "none",
                      "-S",
                      "-netdev",
                      "tap,id=n,ifname=" + tap + ",script=no,downscript=no",
                      "-monitor",
                      "stdio")
                  .redirectErrorStream(true)
                  .start();
          try {
            // Its prompt comes when it has opened all devices.
            assertThat(qemu.inputReader().readLine()).contains("QEMU");
            seen.failed(failure(() -> taps.remove(UUID_OF_WEB), "busy"));
            assertThat(ports()).containsExactly(tap);
          } finally {
            qemu.destroyForcibly().waitFor();
          }
          taps.remove(UUID_OF_WEB);
          assertThat(ports()).isEmpty();
          return true;
        });
  }
}
