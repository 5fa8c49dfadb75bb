package dev.vmctl.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.ToolResult;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestAddressesTest {
  private static final MacAddress OURS = new MacAddress("52:54:00:aa:bb:01");
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final String HEAD =
      "IP address       HW type     Flags       HW address            Mask     Device\n";

  @TempDir Path directory;
  private Path leases;
  private Path neighbours;
  private GuestAddresses addresses;

  @BeforeEach
  void place() throws IOException {
    leases = directory.resolve("br0.leases");
    neighbours = Files.writeString(directory.resolve("arp"), HEAD);
    addresses =
        new GuestAddresses(
            List.of(directory + "/none.leases", directory + "/%s.leases"),
            new ProcNeighbours(neighbours),
            InstantSource.fixed(NOW));
  }

  private void assertFound(String address) {
    assertThat(addresses.find(OURS, "br0")).contains(InetAddress.ofLiteral(address));
  }

  private void assertNothing() {
    assertThat(addresses.find(OURS, "br0")).isEmpty();
  }

  private void leased(String text) throws IOException {
    Files.writeString(leases, text, StandardCharsets.ISO_8859_1);
  }

  private void met(String... lines) throws IOException {
    Files.writeString(neighbours, HEAD + String.join("\n", lines) + "\n");
  }

  @Test
  void nothingIsKnownOfAGuestThatNobodyHasMet() {
    assertNothing();
  }

  @Test
  void anotherGuestsAddressOnTheSameBridgeIsNeverAnAnswer() throws IOException {
    met("192.168.7.9  0x1  0x2  52:54:00:aa:bb:02  *  br0");
    leased("1795600000 52:54:00:aa:bb:03 192.168.7.8 web 01:52:54:00:aa:bb:03\n");
    assertNothing();
  }

  @Test
  void aGuestThatClaimsOurNameIsNotOurs() throws IOException {
    leased("0 52:54:00:aa:bb:03 192.168.7.8 web *\n0 52:54:00:aa:bb:01 192.168.7.7 * *\n");
    assertFound("192.168.7.7");
  }

  @Test
  void theNeighbourTableCountsOnTheGuestsBridgeAndOnceItWasAnswered() throws IOException {
    met(
        "192.168.7.4  0x1  0x2  52:54:00:aa:bb:01  *  br1",
        "192.168.7.5  0x1  0x0  52:54:00:aa:bb:01  *  br0",
        "169.254.3.3  0x1  0x2  52:54:00:aa:bb:01  *  br0",
        "192.168.7.6  0x1  0x6  52:54:00:AA:BB:01  *  br0");
    assertFound("192.168.7.6");
  }

  @Test
  void aLeaseGoesBeforeTheNeighbourTable() throws IOException {
    met("192.168.7.6  0x1  0x2  52:54:00:aa:bb:01  *  br0");
    leased("1795600000 52:54:00:aa:bb:01 192.168.7.10 web *\n");
    assertFound("192.168.7.10");
  }

  @Test
  void aLeaseThatHasEndedIsNone() throws IOException {
    leased(NOW.getEpochSecond() - 1 + " 52:54:00:aa:bb:01 192.168.7.10 web *\n");
    assertNothing();
  }

  @Test
  void otherLinesOfDnsmasqAreNoLeases() throws IOException {
    leased(
        """
        duid 00:01:00:01:2e:aa:bb:cc:52:54:00:aa:bb:01
        1795600000 11189249 fd00::10 web 00:01:00:01:2e
        1795600000 52:54:00:aa:bb:01 not-an-address web *
        1795600000 52:54:00:aa:bb:01
        \u00ff\u00fe
        """);
    assertNothing();
  }

  @Test
  void theLastEntryOfIscCounts() throws IOException {
    leased(
        """
        # The format of this file is documented in the dhcpd.leases(5) manual page.
        lease 192.168.7.20 {
          starts 2 2026/11/24 10:00:00;
          ends 2 2026/11/24 13:00:00;
          binding state active;
          hardware ethernet 52:54:00:aa:bb:01;
          client-hostname "web";
        }
        lease 192.168.7.21 {
          ends never;
          binding state active;
          hardware ethernet 52:54:00:AA:BB:01;
        }
        lease 192.168.7.22 {
          ends 2 2026/11/24 13:00:00;
          binding state free;
          hardware ethernet 52:54:00:aa:bb:01;
        }
        """);
    assertFound("192.168.7.21");
  }

  @Test
  void anAddressThatIscGaveToAnotherLaterIsNotOursAnyMore() throws IOException {
    String entry =
        """
        lease 192.168.7.20 {
          ends %s;
          binding state active;
          hardware ethernet %s;
        }
        """;
    leased(
        entry.formatted("epoch " + (NOW.getEpochSecond() + 60), OURS)
            + entry.formatted("2 2026/11/24 13:00:00", "52:54:00:aa:bb:02"));
    assertNothing();
    leased(entry.formatted("2 2026/11/24 11:59:59", OURS));
    assertNothing();
    leased(entry.formatted("soon", OURS));
    assertNothing();
  }

  @Test
  void leaseFilesAreNamedByAVariable() throws IOException {
    leased("0 52:54:00:aa:bb:01 192.168.7.30 web *\n");
    GuestAddresses found =
        GuestAddresses.ofThisHost(
            new FakeHost(directory),
            Map.of(GuestAddresses.VARIABLE, "relative:" + directory + "/%s.leases"),
            InstantSource.fixed(NOW));
    assertThat(found.find(OURS, "br0"))
        .isEqualTo(Optional.of(InetAddress.ofLiteral("192.168.7.30")));
  }

  private Optional<InetAddress> arp(String shown, @Nullable String link) {
    FakeHost host = new FakeHost(directory);
    host.failures.put("arp -an", new ToolResult(0, shown, ""));
    return GuestAddresses.ofArp(host, InstantSource.fixed(NOW)).find(OURS, link);
  }

  @Test
  void whatArpOfFreeBsdShowsCountsOnTheGuestsBridge() {
    String shown =
        """
        ? (192.168.7.1) at 58:9c:fc:10:ff:d6 on br0 permanent [bridge]
        ? (192.168.7.4) at 52:54:00:aa:bb:01 on br1 expires in 12 seconds [bridge]
        ? (192.168.7.5) at (incomplete) on br0 expired [bridge]
        ? (192.168.7.6) at 52:54:00:aa:bb:01 on br0 expires in 1186 seconds [bridge]
        """;
    assertThat(arp(shown, "br0")).contains(InetAddress.ofLiteral("192.168.7.6"));
    assertThat(arp(shown.replace("bb:01 on br0", "bb:02 on br0"), "br0")).isEmpty();
  }

  @Test
  void whatArpOfIllumosShowsCountsOnWhateverLink() {
    String shown =
        """
        Net to Media Table: IPv4
        Device   IP Address               Mask      Flags      Phys Addr
        ------ -------------------- --------------- -------- ---------------
        net0   192.168.7.1          255.255.255.255          0:1b:21:aa:bb:cc
        net0   192.168.7.5          255.255.255.255 U
        net0   192.168.7.22         255.255.255.255 o        52:54:0:aa:bb:1
        net0   224.0.0.0            240.0.0.0       SM       01:00:5e:00:00:00
        """;
    assertThat(arp(shown, null)).contains(InetAddress.ofLiteral("192.168.7.22"));
    assertThat(arp(shown.replace("bb:1", "bb:2"), null)).isEmpty();
  }
}
