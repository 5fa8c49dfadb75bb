package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Field;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.VmFields;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Refuses probes that could never pass, because nothing leads to what they ask. */
final class ProbeRules {
  /** What is missing, and what to do about it. */
  private record Missing(String what, String help) {}

  private static final Missing NETWORK =
      new Missing(
          "this VM has no network", "give it network \"user\", or ask its console: log \"…\"");

  private final Findings findings;
  private final @Nullable BackendTag usual;

  /**
   * @param usual the backend of a VM that declares none; null when it is not known
   */
  ProbeRules(Findings findings, @Nullable BackendTag usual) {
    this.findings = findings;
    this.usual = usual;
  }

  void check(VmDraft draft) {
    for (Field<ProbeSpec> field : List.of(PolicyFields.READY, PolicyFields.LIVENESS)) {
      ProbeSpec probe = draft.values.get(field);
      KdlNode node = draft.nodeOf(field);
      if (probe != null && node != null) {
        probe
            .checks()
            .forEach(
                check -> missing(draft, check).ifPresent(why -> report(draft, node, check, why)));
      }
    }
  }

  private void report(VmDraft draft, KdlNode probe, ProbeCheck check, Missing missing) {
    String message = "'" + check.text() + "' can never pass: " + missing.what();
    if (draft.holds(probe.name().span())) {
      findings.add(VmFileCode.PROBE_CANNOT_RUN, probe.name().span(), message, missing.help());
    } else {
      findings.add(
          VmFileCode.PROBE_CANNOT_RUN,
          probe.name().span(),
          message,
          missing.help(),
          draft.nameSpan(),
          "taken over by this VM");
    }
  }

  private Optional<Missing> missing(VmDraft draft, ProbeCheck check) {
    return switch (check) {
      // What a backend has no way for is refused with all else that it cannot do.
      case ProbeCheck.Log log -> Optional.empty();
      case ProbeCheck.Agent agent -> Optional.empty();
      case ProbeCheck.Ssh ssh -> network(draft);
      case ProbeCheck.Exec exec -> network(draft);
      case ProbeCheck.Tcp(int port) -> port(draft, port);
      case ProbeCheck.Http(String path, int port) -> port(draft, port);
    };
  }

  /** Whether what is declared, or is usual where nothing is, is QEMU's user network alone. */
  private boolean hasUserNetworkOnly(VmDraft draft) {
    BackendTag declared = draft.values.get(VmFields.BACKEND);
    BackendTag backend = declared == null ? usual : declared;
    return draft.networks().stream()
            .allMatch(each -> each instanceof NetworkSpec.User || each instanceof NetworkSpec.None)
        && (backend == null || Capabilities.of(backend).has(Capability.USER_NETWORK));
  }

  private static Optional<Missing> network(VmDraft draft) {
    return draft.networks().stream().allMatch(NetworkSpec.None.class::isInstance)
        ? Optional.of(NETWORK)
        : Optional.empty();
  }

  /** Behind QEMU's user network a port is reached through a forward, or from inside by SSH. */
  private Optional<Missing> port(VmDraft draft, int port) {
    List<ForwardSpec> forwards =
        Objects.requireNonNullElse(draft.values.get(VmFields.FORWARD), List.of());
    boolean forwarded =
        forwards.stream()
            .anyMatch(
                forward ->
                    forward.protocol() == ForwardSpec.Protocol.TCP && forward.guestPort() == port);
    if (hasUserNetworkOnly(draft) && network(draft).isEmpty() && !forwarded && !hasSsh(draft)) {
      return Optional.of(
          new Missing(
              "nothing leads to port " + port + " of the guest",
              "forward it: forward host=8080 guest="
                  + port
                  + "; or let vmctl ask from inside: ssh { user \"…\" }"));
    }
    return network(draft);
  }

  private static boolean hasSsh(VmDraft draft) {
    return Stream.of(
                VmFields.SSH_USER,
                VmFields.SSH_PRIVATE_KEY,
                VmFields.CLOUD_INIT_HOSTNAME,
                VmFields.CLOUD_INIT_SSH_KEY,
                VmFields.CLOUD_INIT_USER_DATA,
                VmFields.PROVISION)
            .anyMatch(field -> draft.nodeOf(field) != null)
        || Stream.of(PolicyFields.READY, PolicyFields.LIVENESS)
            .map(draft.values::get)
            .filter(Objects::nonNull)
            .flatMap(probe -> probe.checks().stream())
            .anyMatch(each -> each instanceof ProbeCheck.Ssh || each instanceof ProbeCheck.Exec);
  }
}
