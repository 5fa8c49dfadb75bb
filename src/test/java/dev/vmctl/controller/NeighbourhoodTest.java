package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.PrivateNetwork;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.VmRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class NeighbourhoodTest {
  private static final NetworkSpec LAN = new NetworkSpec.Private("lan");
  private static final PrivateNetwork NETWORK = new PrivateNetwork("lan");
  private static final MacAddress MAC = new MacAddress("52:54:00:00:00:01");

  private final MemoryStore store = new MemoryStore();
  private final Neighbourhood neighbourhood = new Neighbourhood(store);

  private VmRecord declare(String name, NetworkSpec network, NicSpec... nics) {
    FieldValues values = new FieldValues();
    values.put(VmFields.NETWORK, network);
    values.put(VmFields.NICS, List.of(nics));
    values.put(VmFields.CLOUD_INIT_HOSTNAME, name.equals("db") ? "database" : name);
    VmSpec spec = VmSpec.of(new VmName(name), values);
    VmRecord record =
        VmRecord.claim(
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
            spec.name(),
            SourceId.cli(),
            MAC,
            Path.of("/run"),
            desired(spec));
    store.update(spec.name(), now -> record);
    return record;
  }

  private static Desired desired(VmSpec spec) {
    return new Desired(1, "hash", spec, Map.of(), new UUID(0, 1), Instant.EPOCH, true, null, null);
  }

  private SeedNetwork of(VmRecord record) {
    return neighbourhood.of(record, record.desired().spec());
  }

  private static SeedNetwork.Host host(String name, String names) {
    return new SeedNetwork.Host(NETWORK.address(new VmName(name)), names);
  }

  @Test
  void aGuestKnowsItselfAndAllOthersOnItsNetworkByBothOfTheirNames() {
    VmRecord web = declare("web", LAN);
    declare("db", new NetworkSpec.None(), new NicSpec("x", LAN, null));
    declare("lone", new NetworkSpec.Private("other"));
    declare("user", new NetworkSpec.User());

    assertThat(of(web).hosts()).containsExactly(host("db", "db database"), host("web", "web"));
  }

  @Test
  void itsFirstCardAsksForAnAddressAndTheOneBesideHasItsOwn() {
    VmRecord web = declare("web", LAN);
    List<SeedNetwork.Card> cards = of(web).cards();
    assertThat(cards).hasSize(2);
    assertThat(cards.getFirst()).isEqualTo(new SeedNetwork.Card(MAC, null));
    assertThat(cards.getLast().address()).isEqualTo(NETWORK.address(web.name()) + "/16");
    assertThat(cards.getLast().mac()).isNotEqualTo(MAC);
  }

  @Test
  void aGuestWithoutPrivateNetworksIsToldNothing() {
    assertThat(of(declare("user", new NetworkSpec.User())).hosts()).isEmpty();
    assertThat(of(declare("none", new NetworkSpec.None())).cards()).isEmpty();
  }

  @Test
  @Fault(area = Area.HOST, value = "two names on a private network give one address")
  void ofTwoWithOneAddressTheLaterGivesWay(Seen seen) {
    List<String> alike = twoWithOneAddress();
    VmRecord first = declare(alike.getFirst(), LAN);
    VmRecord second = declare(alike.getLast(), LAN);

    assertThat(of(first).hosts()).hasSize(2);
    VmException refused = catchThrowableOfType(VmException.class, () -> of(second));
    assertThat(refused.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(refused).hasMessageContainingAll(alike.getFirst(), alike.getLast(), "lan");
    seen.calling(alike.getFirst(), "<first>").calling(alike.getLast(), "<second>").failed(refused);

    VmRecord made =
        store.update(
            second.name(), now -> second.withApplied(Applied.created(second.desired(), null)));
    assertThat(of(Objects.requireNonNull(made)).hosts()).hasSize(2);
    assertThat(catchThrowableOfType(VmException.class, () -> of(first))).isNotNull();
  }

  private static List<String> twoWithOneAddress() {
    Map<String, String> names = new HashMap<>();
    for (int number = 10_000; ; number++) {
      String name = "vm-" + number;
      String before = names.put(NETWORK.address(new VmName(name)), name);
      if (before != null) {
        return List.of(before, name);
      }
    }
  }
}
