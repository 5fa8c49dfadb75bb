package dev.vmctl.hypervisor;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the engine asks of a hypervisor. Every call has a deadline of its own and is idempotent:
 * after a crash of ours the same call may come again.
 *
 * <p>Implementations are safe for use by many threads; for one VM there is one caller at a time,
 * except {@link #observe} and {@link #console}, which may be called at any time.
 */
public interface Hypervisor extends AutoCloseable {

  BackendTag backend();

  /** What it can do; an adapter may know of less on this host. */
  default Capabilities capabilities() {
    return Capabilities.of(backend());
  }

  /**
   * Whether VMs can be started here at all; throws what {@link #start} would throw for every VM (no
   * binary, too old, …).
   */
  void checkAvailable();

  /** What there is to say of this backend on this host; takes a few seconds at most. */
  default List<Finding> examine() {
    String check = backend().text();
    try {
      checkAvailable();
      return List.of(Finding.ok(check, "available"));
    } catch (VmException e) {
      return List.of(Finding.fail(check, e.getMessage(), e.help()));
    }
  }

  /**
   * Whether what is declared could be started, as far as that can be known before: throws what
   * {@link #start} would throw.
   *
   * @param running what the VM may hold already (ports, say); null when it has not run
   */
  void checkDeclared(VmSpec declared, @Nullable VmSpec running);

  /**
   * Whom to tell that something happened to a VM. Only a wake-up: what happened is found by {@link
   * #observe}. May be called from any thread.
   */
  void onWake(Consumer<VmName> wake);

  /**
   * Looks at the VM as it is now, adopting a running process of ours if there is one. Never throws
   * for a hypervisor that does not answer: that is {@link Observation.Unknown}.
   */
  Observation observe(VmHandle vm);

  /**
   * Looks as a bystander: opens nothing that an engine elsewhere may hold, keeps nothing open,
   * takes at most {@code deadline}.
   */
  Observation peek(VmHandle vm, Duration deadline);

  /**
   * Starts the VM and returns when the hypervisor answers that it runs.
   *
   * <p>One that goes on from memory that was kept is returned frozen: whoever asked first writes
   * down that it runs, so that it never goes on from there twice.
   *
   * <p>Precondition: {@link #observe} said {@link Observation.Absent}; the disk and seed exist.
   *
   * @throws VmException with the hypervisor's own words when it will not start; nothing is left
   *     running then
   */
  LaunchFacts start(Launch launch);

  /**
   * What the last start of this VM found out, as the backend itself keeps it beside the VM: for a
   * start whose answer we did not live to write down.
   */
  Optional<LaunchFacts> recall(VmHandle vm);

  /**
   * Stops the VM: asks the guest, after {@code grace} ends the process politely, then kills it.
   * Done when the process is gone and its disk released. Cancelling the future ends the escalation;
   * what was asked of the guest cannot be taken back.
   *
   * <p>Precondition: none; done at once if nothing runs.
   */
  CompletableFuture<Void> stop(VmHandle vm, Duration grace);

  /** Ends the process at once and returns when it is gone. Precondition: none. */
  void kill(VmHandle vm);

  /**
   * Clears away what is left of a VM that has {@link Observation.Exited}, such as the process that
   * still holds its disk, and its sockets. Precondition: the guest does not run.
   */
  void reap(VmHandle vm);

  /** Freezes the guest's processors. Precondition: running. */
  void suspend(VmHandle vm);

  /** Thaws the guest's processors. Precondition: suspended. */
  void resume(VmHandle vm);

  /**
   * Where the guest's SSH server is reached, if it has one.
   *
   * @return empty when the guest has no network that leads to it
   * @throws VmException network.ip_discovery_timeout when its address is not known yet
   */
  default Optional<InetSocketAddress> ssh(VmHandle vm) {
    return Optional.ofNullable(vm.facts())
        .map(LaunchFacts::sshPort)
        .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** The socket on which the guest's QEMU guest agent is asked, if the VM has such a channel. */
  default Optional<Path> agent(VmHandle vm) {
    return Optional.empty();
  }

  /**
   * The same, once it is known. May ask the guest.
   *
   * @return fails with network.ip_discovery_timeout after {@code patience}, and at once when no
   *     network leads to the guest; may be cancelled
   */
  default CompletableFuture<InetSocketAddress> awaitSsh(VmHandle vm, Duration patience) {
    return SshWait.start(vm, patience, () -> ssh(vm));
  }

  /**
   * The guest's own address on a network of the host, as far as the host knows it without asking
   * the guest; empty when it is not known, or the guest has none.
   */
  default Optional<InetAddress> address(VmHandle vm) {
    return Optional.empty();
  }

  /**
   * Copies disks of a running VM as they all are at one moment, each with what lies under it into
   * one file that needs no other. Takes as long as the disks are large. The guest is not asked: it
   * will find its file systems as after a power failure.
   *
   * @param targets by disk; must not exist
   * @throws VmException backend.capability_missing when it cannot; qmp.command_failed, with nothing
   *     left of the copies, when it fails
   */
  default void copyDisks(VmHandle vm, Map<Path, Path> targets) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        "the disks of a running VM cannot be copied by " + backend().text(),
        "stop it first: vmctl stop " + vm.name());
  }

  /**
   * Keeps a moment of a VM within its disks, all of them at once. With memory the guest stands
   * still until that is written; one that was frozen stays so.
   *
   * <p>Precondition: running or suspended; no disk has a snapshot of this tag.
   *
   * @return fails with backend.capability_missing when it cannot, or a device of the guest stands
   *     in the way; disk.full; qmp.command_failed
   */
  default CompletableFuture<Void> snapshot(VmHandle vm, GuestSnapshot wanted) {
    throw Unsupported.refusal(Capability.SNAPSHOT, backend());
  }

  /** Deletes a snapshot from those disks of a running VM that have it. */
  default CompletableFuture<Void> deleteSnapshot(VmHandle vm, GuestSnapshot unwanted) {
    throw Unsupported.refusal(Capability.SNAPSHOT, backend());
  }

  /**
   * What is on the VM's screen. A look of a bystander, as {@link #peek}. Precondition: running or
   * suspended.
   *
   * @return a PNG
   * @throws VmException backend.capability_missing when it has no screen, or none that can be had
   */
  default byte[] screenshot(VmHandle vm, Duration deadline) {
    return screen(vm)
        .map(address -> RfbScreen.shoot(address, deadline))
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.CAPABILITY_MISSING,
                    "the screen of a VM cannot be had from " + backend().text(),
                    capabilities().has(Capability.VNC)
                        ? "it is shown while a daemon runs: vmctl daemon"
                        : "see what it says with 'vmctl log " + vm.name() + " --console'"));
  }

  /**
   * Changes a VM that runs, as far as this run of it allows. Idempotent: it looks at what there is.
   * Takes up to half a minute a field.
   *
   * <p>Precondition: running; the change was classed as live.
   *
   * @throws VmException (of the future) network.port_taken; what is said of a hypervisor that does
   *     not answer
   */
  default CompletableFuture<Adjusted> adjust(Adjustment adjustment) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        "a running VM cannot be changed by " + backend().text(),
        "stop it first: vmctl stop " + adjustment.vm().name());
  }

  /**
   * What runs, by the paths of fields, as {@link dev.vmctl.model.ValueText} writes them: those that
   * the hypervisor itself tells. A look of a bystander, as {@link #peek}.
   */
  default Map<String, String> running(VmHandle vm, Duration deadline) {
    return Map.of();
  }

  /**
   * Looks at a machine that others have started, through its control socket, and tells what it is.
   * Changes nothing of it, and keeps nothing open.
   *
   * @param control a QMP socket that nobody else is connected to
   * @param disk which of its disks is the root disk; null when it has one only
   * @throws VmException qmp.connect_failed, qmp.timeout when nobody answers there; vm.invalid_state
   *     when it is nothing that could be adopted; backend.capability_missing
   */
  default FoundMachine find(Path control, @Nullable Path disk) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        "machines of " + backend().text() + " that others have started cannot be adopted",
        "QEMU's can, on Linux");
  }

  /** Whether somebody listens at this control socket of a machine that others have made. */
  default boolean isListening(Path control) {
    return false;
  }

  /**
   * Takes the hands off a VM that runs: it runs on, and ends by itself when its guest does.
   *
   * @throws VmException what is said of a hypervisor that does not answer;
   *     backend.capability_missing
   */
  default void letGo(VmHandle vm) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        "a VM of " + backend().text() + " cannot be released",
        "stop it, or remove it: vmctl destroy " + vm.name());
  }

  /** Where a VNC viewer of this host finds the VM's screen; empty when it does not now. */
  default Optional<String> screen(VmHandle vm) {
    return Optional.ofNullable(vm.facts()).map(LaunchFacts::vnc);
  }

  /** Where the serial console is. */
  ConsoleEndpoint console(VmHandle vm);

  /**
   * Forgets this VM, nothing of which runs: closes connections, removes what it left on the host.
   */
  void release(VmHandle vm);

  /** Closes every connection; no VM is stopped. */
  @Override
  void close();
}
