package dev.vmctl.controller;

import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.model.CardSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.PrivateNetwork;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a guest is told of its private networks: its addresses there, and who else is there. */
final class Neighbourhood {
  private final VmStore store;

  Neighbourhood(VmStore store) {
    this.store = store;
  }

  static boolean has(VmSpec spec) {
    return spec.networks().stream().anyMatch(NetworkSpec.Private.class::isInstance);
  }

  /**
   * @throws VmException network.failed when another VM there has this one's address, which follows
   *     from its name
   */
  SeedNetwork of(VmRecord record, VmSpec spec) {
    List<SeedNetwork.Card> cards = new ArrayList<>();
    List<SeedNetwork.Host> hosts = new ArrayList<>();
    for (CardSpec card : spec.cards(record.uuid(), record.mac())) {
      cards.add(new SeedNetwork.Card(card.mac(), address(card.network(), record.name())));
      if (card.network() instanceof NetworkSpec.Private lan) {
        hosts.addAll(hosts(lan, record));
      }
    }
    return new SeedNetwork(cards, hosts);
  }

  private static @Nullable String address(NetworkSpec network, VmName vm) {
    return network instanceof NetworkSpec.Private lan
        ? new PrivateNetwork(lan).address(vm) + "/" + PrivateNetwork.PREFIX
        : null;
  }

  private List<SeedNetwork.Host> hosts(NetworkSpec.Private lan, VmRecord of) {
    PrivateNetwork network = new PrivateNetwork(lan);
    String own = network.address(of.name());
    List<SeedNetwork.Host> hosts = new ArrayList<>();
    for (VmName name : store.names().stream().sorted().toList()) {
      Optional<VmRecord> other = store.read(name).filter(record -> isOn(lan, record));
      if (other.isPresent()) {
        String address = network.address(name);
        if (!name.equals(of.name()) && address.equals(own) && goesFirst(other.get(), of)) {
          throw clash(lan, of.name(), name, address);
        }
        hosts.add(new SeedNetwork.Host(address, names(other.get().desired().spec())));
      }
    }
    return hosts;
  }

  private static boolean isOn(NetworkSpec.Private lan, VmRecord record) {
    return record.removal() == null && record.desired().spec().networks().contains(lan);
  }

  /** One of two must give way, and the same one whoever looks first. */
  private static boolean goesFirst(VmRecord other, VmRecord one) {
    boolean made = one.applied() != null;
    return (other.applied() != null) == made
        ? other.name().compareTo(one.name()) < 0
        : other.applied() != null;
  }

  private static String names(VmSpec spec) {
    String name = spec.name().value();
    return spec.hostname().equals(name) ? name : name + " " + spec.hostname();
  }

  private static VmException clash(
      NetworkSpec.Private lan, VmName one, VmName other, String address) {
    return new VmException(
        ErrorCode.NETWORK_FAILED,
        one
            + " and "
            + other
            + " would both have the address "
            + address
            + " on the private network "
            + lan.name(),
        "addresses follow from names: rename one of the two, or use another network");
  }
}
