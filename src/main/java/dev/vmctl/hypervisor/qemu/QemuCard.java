package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.CardFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import java.util.Objects;

/**
 * A network card of the guest.
 *
 * @param name what tells its devices from those of others in QEMU
 * @param place on the bus; {@link #ANYWHERE} for the first free one
 * @param network what it is connected to
 */
record QemuCard(String name, int place, MacAddress mac, QemuNetwork network) {
  /** Where the first card is, as it was before there were others. */
  static final int ANYWHERE = 0;

  /** Place of the card that a private network adds to the first one. */
  static final int BESIDE_PLACE = 0x09;

  /** Places of the others: the guest names its cards by them, whatever else it has. */
  static final int FIRST_PLACE = 0x18;

  boolean isFirst() {
    return place == ANYWHERE;
  }

  /** Whether it is one of those that may come and go. */
  boolean isFurther() {
    return place >= FIRST_PLACE;
  }

  CardFacts facts() {
    return switch (network) {
      case QemuNetwork.Private lan -> new CardFacts(mac, new NetworkSpec.Private(lan.name()), null);
      case QemuNetwork.User user -> new CardFacts(mac, new NetworkSpec.User(), null);
      case QemuNetwork.Tap tap ->
          new CardFacts(mac, new NetworkSpec.Tap(tap.bridge()), tap.device());
    };
  }

  QemuCard {
    Objects.requireNonNull(name);
    Objects.requireNonNull(mac);
    Objects.requireNonNull(network);
  }
}
