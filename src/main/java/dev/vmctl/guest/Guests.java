package dev.vmctl.guest;

import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The guests' door, as the engine sees it. */
public interface Guests {
  /** Names of the files this room keeps in a VM's directory. */
  String SEED = "seed.iso";

  String CLIENT_KEY = "id_ed25519_generated";
  String HOST_KEY = "ssh_host_ed25519_key";
  String KNOWN_HOSTS = "known_hosts";
  String PROVISION_LOG = "provision.log";

  /** What the guest says on its serial console, written by its hypervisor. */
  String CONSOLE_LOG = "console.log";

  /**
   * Writes the NoCloud seed, making the VM's keys first if they are not there. Idempotent: the same
   * arguments give the same bytes. A new {@code instanceId} also forgets the host key that was
   * pinned for the old disk.
   *
   * @param directory the VM's directory; the files above are made in it, private ones 0600
   * @param instanceId changes only with the disk
   * @param network what the guest is told of it, at every boot
   * @throws VmException cloudinit.iso_failed, ssh.keygen_failed, disk.full, io (a declared key or
   *     user-data that cannot be read)
   */
  Path writeSeed(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network);

  /** The guest is about to boot: what its console says from here on is of its next run. */
  void starting(Path directory);

  /**
   * Waits until the guest passes all of the checks, and until the shared directories are mounted,
   * which is done where the guest has not done it itself. Ends only by success, cancellation, or
   * when nothing is left to wait for: at the end of the time, or when the guest's kernel is dead;
   * then with one of the {@code guest.} codes, which say why. Cancelling the future, as of {@link
   * #provision}, ends the work itself; a future derived from it does not reach it.
   *
   * @return (of the future) the shared directories, by the ways that were taken
   */
  CompletableFuture<List<ShareFacts>> awaitReady(HealthCheck wanted, GuestShares shares);

  /**
   * Sees to it that the directories that this host serves to a guest that is ready are served.
   *
   * @return those for which that had ended, and was started again
   * @throws VmException share.failed when it cannot be started
   */
  List<ShareFacts> keepServing(SshTarget target, GuestShares shares);

  /**
   * Looks once whether the guest passes all of the checks.
   *
   * @return (of the future) what is wrong; empty when nothing is
   */
  CompletableFuture<Optional<String>> look(HealthCheck wanted);

  /**
   * Asks the guest's agent what there is to say.
   *
   * @throws VmException (of the future) agent.failed when none answers
   */
  CompletableFuture<GuestFacts> facts(Path agent);

  /**
   * Has the guest's agent write out all file systems, and keep everybody from writing until {@link
   * #thaw}.
   *
   * @throws VmException (of the future) agent.failed, agent.refused: then nothing is kept from it
   */
  CompletableFuture<Void> freeze(Path agent);

  /**
   * Ends {@link #freeze}; nothing happens when there was none.
   *
   * @throws VmException (of the future) agent.failed, agent.refused
   */
  CompletableFuture<Void> thaw(Path agent);

  /**
   * Has the guest's agent start a program, with the agent's rights.
   *
   * @param command the program, looked for in the agent's PATH, and its arguments
   * @param input all that it reads
   * @return (of the future) its process id in the guest
   * @throws VmException (of the future) agent.failed; agent.refused when it cannot be started
   */
  CompletableFuture<Long> startProgram(Path agent, List<String> command, byte[] input);

  /**
   * Waits until a program has ended; what the agent tells of that it tells once.
   *
   * @return (of the future) empty when it still runs after {@code wait}
   * @throws VmException (of the future) agent.failed; agent.refused when it knows no such program
   */
  CompletableFuture<Optional<ProgramEnd>> awaitProgram(Path agent, long id, Duration wait);

  /** The last lines that the guest has said on its console in this run. */
  List<String> consoleTail(Path directory);

  /**
   * Runs the steps in order, each with these variables in its environment under its own, stopping
   * at the first failure, everything appended to the VM's {@value #PROVISION_LOG} as it comes. A
   * step's failure (exit code, missing file) is a result; a connection that cannot be made or
   * breaks is an exception, worth trying again. Cancelling ends the command that runs in the guest.
   *
   * @throws VmException (of the future) ssh.failed, ssh.auth_failed, ssh.host_key_changed,
   *     ssh.keygen_failed (a declared private key that cannot be used), io (the log)
   */
  CompletableFuture<ProvisionResult> provision(
      SshTarget target,
      List<ProvisionStep> steps,
      List<EnvVariable> env,
      ProvisionListener listener);

  /**
   * Has the guest let the data disks go that are to be taken from it: unmounts them.
   *
   * @return (of the future) the fields that the guest refuses to have changed, with its reasons;
   *     empty when nothing stands in the way. Fails as {@link #provision} does.
   */
  CompletableFuture<Map<Field<?>, String>> letGo(SshTarget target, GuestChange change);

  /**
   * Has the guest take into use what its hypervisor has given it: processors, room on disks, cards;
   * and changes its host name and the keys that may log in. Idempotent.
   *
   * @return (of the future) the fields that the guest could not change, with its reasons. Fails as
   *     {@link #provision} does.
   */
  CompletableFuture<Map<Field<?>, String>> adapt(SshTarget target, GuestChange change);

  /** The private key files that exist, in the order to try: generated, declared, the user's own. */
  List<Path> privateKeys(SshTarget target);

  /** Told as each step starts; may be called from any thread. */
  interface ProvisionListener {
    /**
     * @param number from 1
     */
    void step(int number, int of, ProvisionStep step);
  }
}
