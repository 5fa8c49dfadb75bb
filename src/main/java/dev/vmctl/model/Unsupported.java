package dev.vmctl.model;

import dev.vmctl.model.Capabilities.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something that is declared of a VM and that its backend cannot do.
 *
 * @param message such as {@code network "tap" is not supported by propolis}
 */
public record Unsupported(Field<?> field, String message, String help) {
  private static final String ANOTHER = "remove it, or choose another backend";

  public Unsupported {
    Objects.requireNonNull(field);
    Objects.requireNonNull(message);
    Objects.requireNonNull(help);
  }

  /** Everything that is declared and that a backend with these capabilities cannot do. */
  public static List<Unsupported> of(VmSpec spec, BackendTag backend, Capabilities capabilities) {
    List<Unsupported> all = new ArrayList<>();
    for (Field<?> field : VmFields.ALL) {
      if (field.of(spec) != null) {
        field(field, backend)
            .or(() -> value(field, spec, backend, capabilities))
            .ifPresent(all::add);
      }
    }
    return all;
  }

  /** Whether a field means nothing to a backend, whatever its value. */
  public static Optional<Unsupported> field(Field<?> field, BackendTag backend) {
    return field.backends().contains(backend)
        ? Optional.empty()
        : Optional.of(not(field, "'" + field.path() + "'", backend, ANOTHER));
  }

  /** Refuses one thing that somebody asks for at once, such as {@code suspend}. */
  public static VmException refusal(Capability capability, BackendTag backend) {
    return new VmException(
        ErrorCode.CAPABILITY_MISSING,
        text(capability.text(), backend),
        "use another backend for this VM, or do without");
  }

  /** The refusal of a VM that asks for these; there must be one at least. */
  public static VmException refusal(VmName name, List<Unsupported> all) {
    return new VmException(
        ErrorCode.CAPABILITY_MISSING,
        name + ": " + all.stream().map(Unsupported::message).collect(Collectors.joining("; ")),
        all.stream().map(Unsupported::help).distinct().collect(Collectors.joining("; ")));
  }

  private static Optional<Unsupported> value(
      Field<?> field, VmSpec spec, BackendTag backend, Capabilities capabilities) {
    if (field == VmFields.NETWORK) {
      return network(Objects.requireNonNull(spec.network()), backend, capabilities);
    }
    if (field == VmFields.UEFI) {
      return firmware(spec.uefi(), backend, capabilities);
    }
    if (field == PolicyFields.READY || field == PolicyFields.LIVENESS) {
      return field.of(spec) instanceof ProbeSpec probe
          ? probe(field, probe, backend, capabilities)
          : Optional.empty();
    }
    Integer vcpus = spec.vcpus();
    if (field == VmFields.VCPUS && vcpus != null && vcpus > capabilities.maxVcpus()) {
      String most = "declare at most " + capabilities.maxVcpus();
      return Optional.of(
          not(field, "vcpus " + vcpus, backend, most + ", or choose another backend"));
    }
    return Optional.empty();
  }

  private static Optional<Unsupported> network(
      NetworkSpec network, BackendTag backend, Capabilities capabilities) {
    Capability needed = needed(network);
    if (capabilities.has(needed)) {
      return Optional.empty();
    }
    String known =
        Stream.of(
                Capability.USER_NETWORK,
                Capability.TAP_NETWORK,
                Capability.PRIVATE_NETWORK,
                Capability.VNIC_NETWORK,
                Capability.NO_NETWORK)
            .filter(capabilities::has)
            .map(Capability::text)
            .collect(Collectors.joining(" or "));
    String help = "use " + known + ", leave it out, or choose another backend";
    return Optional.of(not(VmFields.NETWORK, needed.text(), backend, help));
  }

  private static Optional<Unsupported> probe(
      Field<?> field, ProbeSpec probe, BackendTag backend, Capabilities capabilities) {
    return probe.checks().stream()
        .filter(check -> !capabilities.all().containsAll(needed(check)))
        .findFirst()
        .map(
            check ->
                not(
                    field,
                    field.path() + " { " + check.text() + " }",
                    backend,
                    "ask the guest over the network: ssh, tcp or http"));
  }

  private static Set<Capability> needed(ProbeCheck check) {
    return switch (check) {
      case ProbeCheck.Agent agent -> Set.of(Capability.AGENT);
      case ProbeCheck.Log log -> Set.of(Capability.CONSOLE_LOG);
      // One that has no guest has nothing to wait for either.
      case ProbeCheck.Ssh ssh -> Set.of();
      case ProbeCheck.Exec exec -> Set.of();
      case ProbeCheck.Tcp tcp -> Set.of();
      case ProbeCheck.Http http -> Set.of();
    };
  }

  private static Capability needed(NetworkSpec network) {
    return switch (network) {
      case NetworkSpec.User user -> Capability.USER_NETWORK;
      case NetworkSpec.Tap tap -> Capability.TAP_NETWORK;
      case NetworkSpec.Private lan -> Capability.PRIVATE_NETWORK;
      case NetworkSpec.Vnic vnic -> Capability.VNIC_NETWORK;
      case NetworkSpec.None none -> Capability.NO_NETWORK;
    };
  }

  private static Optional<Unsupported> firmware(
      @Nullable Boolean uefi, BackendTag backend, Capabilities capabilities) {
    Capability needed = Boolean.TRUE.equals(uefi) ? Capability.UEFI : Capability.BIOS;
    return capabilities.has(needed)
        ? Optional.empty()
        : Optional.of(not(VmFields.UEFI, needed.text(), backend, ANOTHER));
  }

  private static Unsupported not(Field<?> field, String what, BackendTag backend, String help) {
    return new Unsupported(field, text(what, backend), help);
  }

  private static String text(String what, BackendTag backend) {
    return what + " is not supported by " + backend.text();
  }
}
