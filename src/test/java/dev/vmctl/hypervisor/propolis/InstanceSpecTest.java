package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InstanceSpecTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("vmctl.basedir", "."))
          .resolve("src/test/resources/propolis/web.json");
  private static final UUID ID = UUID.fromString("6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01");

  private static Guest guest(Guest.@Nullable Seed seed, @Nullable String nic) {
    return new Guest(
        ID, "web", 2, 2048, Path.of("/dev/zvol/rdsk/rpool/vms/web"), seed, nic, "host-a");
  }

  private static Guest whole() {
    return guest(new Guest.Seed.Blob(new byte[1024]), "vmg6f2c1d340");
  }

  static Stream<Guest> guests() {
    return Stream.of(
        whole(),
        guest(null, null),
        guest(new Guest.Seed.InFile(Path.of("/var/vmctl/seed.iso")), "vnic7"));
  }

  private static JsonNode request(Guest guest) {
    return InstanceSpec.request(guest, ApiVersion.KNOWN);
  }

  @ParameterizedTest
  @MethodSource("guests")
  void everyRequestFitsTheDocument(Guest guest) {
    assertThat(PropolisDocument.own().request("PUT", "/instance", request(guest))).isEmpty();
    assertThat(PropolisDocument.best().request("PUT", "/instance", request(guest))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("guests")
  void theServerTakesEveryRequest(Guest guest) {
    FakePropolis server = new FakePropolis();

    assertThat(server.handle("PUT", "/instance", request(guest)).status()).isEqualTo(201);
    assertThat(server.violations).isEmpty();
  }

  /** {@code -Dvmctl.golden=update} writes it anew. */
  @Test
  void aRequestIsWhatIsWritten() throws IOException {
    String written = request(whole()).toPrettyString() + "\n";
    if ("update".equals(System.getProperty("vmctl.golden"))) {
      Files.writeString(GOLDEN, written);
    }
    assertThat(written).isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void anOldServerIsToldNothingOfSmbios() {
    JsonNode old = InstanceSpec.request(whole(), ApiVersion.parse("1.0.0"));

    assertThat(old.at("/init/value/spec/smbios").isMissingNode()).isTrue();
    assertThat(request(whole()).at("/init/value/spec/smbios/serial_number").asText())
        .isEqualTo(ID.toString());
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a seed is too large for a request to propolis-server")
  void aSeedThatIsTooLargeForARequestIsRefusedWithTheWayOut(Seen seen) {
    Guest large = guest(new Guest.Seed.Blob(new byte[1 << 20]), null);

    assertThatThrownBy(() -> request(large))
        .isInstanceOfSatisfying(
            VmException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.PROPOLIS_SEED_TOO_LARGE);
              assertThat(refused).hasMessageContaining("web").hasMessageContaining("1048576");
              assertThat(refused.help()).contains("VMCTL_PROPOLIS_SEED=file");
              seen.failed(refused);
            });
    assertThat(InstanceSpec.fitsIntoRequest(1 << 20)).isFalse();
    assertThat(InstanceSpec.fitsIntoRequest(750 << 10)).isTrue();
    assertThat(request(guest(new Guest.Seed.Blob(new byte[750 << 10]), "vnic0"))).isNotNull();
  }

  @Test
  void whatIsNoRequestFitsNeitherDocument() {
    JsonNode wrong = request(whole()).deepCopy();
    ((com.fasterxml.jackson.databind.node.ObjectNode) wrong.at("/init/value/spec/board"))
        .put("invented", 1);

    assertThat(PropolisDocument.own().request("PUT", "/instance", wrong)).isNotEmpty();
    assertThat(PropolisDocument.best().request("PUT", "/instance", wrong)).isNotEmpty();
    assertThat(PropolisDocument.best().request("GET", "/instance/vms", null)).isNotEmpty();
  }

  @Test
  void ourDocumentTakesNoAnswerThatThePublishedOneWouldNot() {
    assumeThat(PropolisDocument.published()).isNotEmpty();
    PropolisDocument published = PropolisDocument.best();
    JsonNode unknown = FakePropolis.JSON.createObjectNode().put("state", "Suspended");

    assertThat(published.isPublished()).isTrue();
    assertThat(published.response("GET", "/instance", 200, unknown)).isNotEmpty();
    assertThat(PropolisDocument.own().response("GET", "/instance", 200, unknown)).isNotEmpty();
  }
}
