package dev.vmctl.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.VmName;
import dev.vmctl.network.PrivateNetwork.Meeting;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PrivateNetworkTest {
  private static final PrivateNetwork LAN = new PrivateNetwork("lan");

  @Test
  void whatFollowsFromNamesNeverChanges() {
    // Guests that run have been told these by an earlier version.
    assertThat(LAN.address(new VmName("web"))).isEqualTo("10.107.224.85");
    assertThat(LAN.meeting(Path.of("/data/vms"))).isEqualTo(new Meeting("239.197.190.212", 29231));
  }

  @Test
  void otherNamesAndOtherDataDirectoriesMeetElsewhere() {
    Meeting here = LAN.meeting(Path.of("/data/vms"));
    assertThat(new PrivateNetwork("lab").meeting(Path.of("/data/vms"))).isNotEqualTo(here);
    assertThat(LAN.meeting(Path.of("/home/ann/vms"))).isNotEqualTo(here);
  }

  @Test
  void manyGuestsHaveAddressesOfTheirOwn() {
    Set<String> addresses = new HashSet<>();
    for (int number = 1; number <= 60; number++) {
      addresses.add(LAN.address(new VmName("web-" + number)));
    }
    assertThat(addresses).hasSize(60);
  }

  @Property(tries = 300)
  void addressesAreInTheNetworkAndGroupsAreOfThisHost(@ForAll @IntRange(min = 0) int number) {
    PrivateNetwork network = new PrivateNetwork("n" + number % 9999);
    assertThat(network.address(new VmName("vm-" + number)))
        .matches("10\\.(6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])\\.\\d{1,3}\\.\\d{1,3}")
        .doesNotMatch(".*\\.(0|255)");
    Meeting meeting = network.meeting(Path.of("/d" + number));
    assertThat(meeting.group()).startsWith("239.");
    assertThat(meeting.port()).isBetween(20_000, 31_999);
  }
}
