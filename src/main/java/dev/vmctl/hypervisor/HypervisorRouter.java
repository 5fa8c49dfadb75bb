package dev.vmctl.hypervisor;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Picks the hypervisor of a VM: the declared one, else the host's own. */
public final class HypervisorRouter implements AutoCloseable {
  private final Map<BackendTag, Hypervisor> backends = new EnumMap<>(BackendTag.class);
  private final BackendTag usual;

  /**
   * @param usual what a VM gets that declares none
   */
  public HypervisorRouter(BackendTag usual, Collection<Hypervisor> backends) {
    this.usual = usual;
    backends.forEach(backend -> this.backends.put(backend.backend(), backend));
  }

  /** The backend this spec means. */
  public BackendTag tag(VmSpec spec) {
    BackendTag declared = spec.backend();
    return declared == null ? usual : declared;
  }

  /**
   * @throws VmException backend.not_available
   */
  public Hypervisor of(VmSpec spec) {
    BackendTag tag = tag(spec);
    Hypervisor backend = backends.get(tag);
    if (backend == null) {
      throw new VmException(
          ErrorCode.BACKEND_NOT_AVAILABLE,
          "the backend '" + tag.text() + "' is not available on this host",
          "available here: "
              + backends.keySet().stream().map(BackendTag::text).collect(Collectors.joining(", ")));
    }
    return backend;
  }

  /**
   * Refuses what is declared and its backend cannot do, also of a backend that is not here.
   *
   * @throws VmException backend.capability_missing
   */
  public void checkSupported(VmSpec spec) {
    BackendTag tag = tag(spec);
    Hypervisor backend = backends.get(tag);
    List<Unsupported> missing =
        Unsupported.of(spec, tag, backend == null ? Capabilities.of(tag) : backend.capabilities());
    if (!missing.isEmpty()) {
      throw Unsupported.refusal(spec.name(), missing);
    }
  }

  public void onWake(Consumer<VmName> wake) {
    backends.values().forEach(backend -> backend.onWake(wake));
  }

  /** What there is to say of every backend on this host; it can do without all but its own. */
  public List<Finding> examine() {
    return backends.values().stream()
        .flatMap(
            each ->
                each.examine().stream()
                    .map(found -> each.backend() == usual ? found : found.dispensable()))
        .toList();
  }

  public List<Hypervisor> all() {
    return List.copyOf(backends.values());
  }

  @Override
  public void close() {
    backends.values().forEach(Hypervisor::close);
  }
}
