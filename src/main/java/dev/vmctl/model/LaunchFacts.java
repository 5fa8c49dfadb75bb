package dev.vmctl.model;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a start resolved and found out; kept in the VM's record.
 *
 * @param machine versioned machine type; empty when the backend has none
 * @param cpu CPU model; empty when the backend has none
 * @param accel never {@link Accel#AUTO}; null when the backend has none
 * @param accelReason why that one; may be empty
 * @param vcpus as started
 * @param memoryMb as started, MiB
 * @param sshPort port on 127.0.0.1 that reaches the guest's SSH; null when there is none
 * @param vnc address of the screen, such as {@code 127.0.0.1:5901}; null when there is none
 * @param pid process id at the start; a hint for people, never an identity by itself
 * @param processStart start time of that process in clock ticks since boot: with the pid, one
 *     process of this boot
 * @param bootId the host's boot at the start
 * @param shares directories of the host that the guest sees
 * @param cards what the guest's network cards are connected to, in their order
 * @param room what the running guest can be given; null when nothing, also of an earlier version
 * @param adopted there for a process that others have started; null for those of our own
 */
public record LaunchFacts(
    String machine,
    String cpu,
    @Nullable Accel accel,
    String accelReason,
    int vcpus,
    long memoryMb,
    @Nullable Integer sshPort,
    @Nullable String vnc,
    long pid,
    long processStart,
    String bootId,
    List<ShareFacts> shares,
    List<CardFacts> cards,
    @Nullable LiveRoom room,
    @Nullable AdoptedProcess adopted) {
  public LaunchFacts {
    Objects.requireNonNull(machine);
    Objects.requireNonNull(cpu);
    Objects.requireNonNull(accelReason);
    Objects.requireNonNull(bootId);
    shares = copy(shares);
    cards = copy(cards);
    if (accel == Accel.AUTO) {
      throw new IllegalArgumentException("auto is not a fact");
    }
  }

  /** Of a start that shared nothing, with cards of which nothing is known. */
  public LaunchFacts(
      String machine,
      String cpu,
      @Nullable Accel accel,
      String accelReason,
      int vcpus,
      long memoryMb,
      @Nullable Integer sshPort,
      @Nullable String vnc,
      long pid,
      long processStart,
      String bootId) {
    this(
        machine,
        cpu,
        accel,
        accelReason,
        vcpus,
        memoryMb,
        sshPort,
        vnc,
        pid,
        processStart,
        bootId,
        List.of(),
        List.of(),
        null,
        null);
  }

  /** The same start, after a change of the running guest. */
  public LaunchFacts resized(int vcpusNow, long memoryNow, List<CardFacts> cardsNow) {
    return new LaunchFacts(
        machine,
        cpu,
        accel,
        accelReason,
        vcpusNow,
        memoryNow,
        sshPort,
        vnc,
        pid,
        processStart,
        bootId,
        shares,
        cardsNow,
        room,
        adopted);
  }

  /** The same, of this process. */
  public LaunchFacts ofProcess(@Nullable String screen, long process, long start) {
    return new LaunchFacts(
        machine,
        cpu,
        accel,
        accelReason,
        vcpus,
        memoryMb,
        sshPort,
        screen,
        process,
        start,
        bootId,
        shares,
        cards,
        room,
        adopted);
  }

  /** The same, with the ways in which directories have come into the guest. */
  public LaunchFacts sharing(List<ShareFacts> used) {
    return new LaunchFacts(
        machine,
        cpu,
        accel,
        accelReason,
        vcpus,
        memoryMb,
        sshPort,
        vnc,
        pid,
        processStart,
        bootId,
        used,
        cards,
        room,
        adopted);
  }

  /** What the next start goes by: that will be a process of our own. */
  public LaunchFacts asOwn() {
    return adopted == null
        ? this
        : new LaunchFacts(
            machine,
            cpu,
            accel,
            accelReason,
            vcpus,
            memoryMb,
            sshPort,
            vnc,
            pid,
            processStart,
            bootId,
            shares,
            cards,
            room,
            null);
  }

  /** A record of an earlier version has none. */
  private static <T> List<T> copy(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /** One run of a guest, from a start to its end: the same for as long as this process lives. */
  public String incarnation() {
    return pid + "." + processStart + "." + bootId;
  }
}
