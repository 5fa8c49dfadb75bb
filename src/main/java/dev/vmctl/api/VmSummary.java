package dev.vmctl.api;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code list}; the component names are the stable JSON fields.
 *
 * @param state see {@link dev.vmctl.model.VmState}, lower case
 * @param ready the Ready condition holds
 * @param network {@code user}, {@code tap:br0}, {@code vnic:x}, {@code none}
 * @param pid null when it does not run or has no process here
 * @param source where it is declared
 * @param supervised whether a daemon keeps it so
 * @param labels as declared, in the order of their names
 * @param address of the guest itself on a network of the host; null when it has none, or it is not
 *     known
 * @param pinned the generation that it was rolled back to; null when its VMFile's declaration is in
 *     force
 * @param outOfSync whether a declared change waits for somebody to ask for it
 */
public record VmSummary(
    String name,
    String state,
    boolean ready,
    String backend,
    int vcpus,
    long memoryMb,
    String network,
    @Nullable Long pid,
    @Nullable Integer sshPort,
    String source,
    boolean supervised,
    Map<String, String> labels,
    @Nullable String address,
    @Nullable Long pinned,
    boolean outOfSync) {
  public VmSummary {
    // A daemon of an earlier version does not say it.
    labels = Collections.unmodifiableMap(labels == null ? new TreeMap<>() : new TreeMap<>(labels));
  }

  /** A VM without labels and address. */
  public VmSummary(
      String name,
      String state,
      boolean ready,
      String backend,
      int vcpus,
      long memoryMb,
      String network,
      @Nullable Long pid,
      @Nullable Integer sshPort,
      String source,
      boolean supervised) {
    this(
        name,
        state,
        ready,
        backend,
        vcpus,
        memoryMb,
        network,
        pid,
        sshPort,
        source,
        supervised,
        Map.of(),
        null,
        null,
        false);
  }
}
