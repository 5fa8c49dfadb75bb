package dev.vmctl.api;

import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be asked of vmctl.
 *
 * <p>Commands record an intent durably and return at once; the loop carries it out. Who wants to
 * see the end follows {@link #changes}. All calls throw {@link VmException}. Safe for use by many
 * threads.
 */
public interface Vmctl extends AutoCloseable {
  ServerInfo info();

  /** Every VM, sorted by name. */
  List<VmSummary> list();

  /**
   * @throws VmException vm.not_found, its help naming the near names
   */
  VmStatus status(VmName name);

  /** What {@link #apply} with the same request would do; nothing is done. */
  PlanView plan(ApplyRequest request);

  /**
   * Declares the VMs of one VMFile, or one VM by hand: records their desired state and lifts power
   * holds ({@code up}).
   */
  ApplyResult apply(ApplyRequest request);

  /** Lifts the power hold and starts the VM, also one whose guest has powered itself off. */
  void start(VmName name);

  /**
   * Holds the VM stopped until {@link #start} or {@code up}.
   *
   * @param grace how long the guest may take before its process is ended
   */
  void stop(VmName name, Duration grace);

  /**
   * Stops the VM because the host goes down: it comes back after the host's next boot, or by {@link
   * #start}. One that is held stopped stays as it is.
   *
   * @param grace how long the guest may take before its process is ended
   */
  void drain(VmName name, Duration grace);

  /**
   * From now on nothing comes up on this host that is down, until {@link #uncordon}. What runs runs
   * on, and is healed.
   *
   * @param reason for those who wonder; may be empty
   */
  void cordon(String reason);

  /** Ends a cordon; none is no error. What waited starts. */
  void uncordon();

  void suspend(VmName name);

  /**
   * Writes the guest's memory to its disks and ends its process: {@link #start} and {@link #resume}
   * let it go on where it was, also after a boot of the host.
   *
   * @param untilBoot whether it goes on by itself after the host's next boot
   * @throws VmException vm.invalid_state when it does not run; backend.capability_missing;
   *     disk.full
   */
  void suspendToDisk(VmName name, boolean untilBoot);

  void resume(VmName name);

  /**
   * Gives up the memory of a guest that is suspended to disk: it boots at its next start.
   *
   * @throws VmException vm.invalid_state when there is none
   */
  void discardMemory(VmName name);

  /**
   * The snapshots of a VM's present disks.
   *
   * @throws VmException vm.not_found
   */
  SnapshotsView snapshots(VmName name);

  /**
   * Keeps what the VM is now within its disks; with its memory when it runs, unless that is left
   * out.
   *
   * @throws VmException snapshot.name_taken; vm.invalid_state; backend.capability_missing;
   *     disk.full; usage
   */
  void takeSnapshot(VmName name, SnapshotRequest request);

  /**
   * Makes a VM that is held stopped what it was then; what it is now is kept as a snapshot of its
   * own. With memory it goes on where it was.
   *
   * @throws VmException snapshot.unknown; snapshot.misfit; vm.invalid_state when it is not held
   *     stopped; disk.missing; disk.shrink_refused
   */
  void restoreSnapshot(VmName name, SnapshotRequest request);

  /**
   * Deletes a snapshot for good.
   *
   * @throws VmException snapshot.unknown; vm.invalid_state
   */
  void deleteSnapshot(VmName name, String snapshot);

  /**
   * Makes a VM whose disks are copies of another's: with an identity, addresses and keys of its
   * own, held stopped unless it is to start.
   *
   * @throws VmException vm.name_taken; snapshot.unknown; vm.invalid_state;
   *     backend.capability_missing; disk.full
   */
  CloneView cloneVm(VmName name, CloneRequest request);

  /**
   * Removes the VM; its disk goes to the trash unless {@code purge}.
   *
   * @throws VmException vm.still_declared while a watched source declares it, naming file and line;
   *     vm.destroy_prevented
   */
  void destroy(VmName name, boolean purge);

  /**
   * Asks for the declared changes that wait for that by the VM's {@code lifecycle}; nothing happens
   * when none does.
   */
  void approve(VmName name);

  /**
   * What the VM should have been before.
   *
   * @throws VmException vm.not_found
   */
  HistoryView history(VmName name);

  /**
   * How what is in force differs from a past generation.
   *
   * @param generation null for the one before
   * @throws VmException vm.generation_unknown
   */
  DiffView diff(VmName name, @Nullable Long generation);

  /**
   * Puts an older declaration in the place of that of the VMFile, until the next edit of that. The
   * root disk of then comes back from the trash where another has taken its place.
   *
   * @param generation null for the newest applied one before that in force
   * @throws VmException vm.generation_unknown; vm.generation_incomplete when it had secrets or
   *     files that there are not any more; image.not_found when its image is gone;
   *     vm.destroy_prevented; disk.shrink_refused; vm.invalid_state when it is in force
   */
  RollbackView rollback(VmName name, @Nullable Long generation);

  /** Gives the VM a new disk and provisions it; the old disk goes to the trash. */
  void reload(VmName name, boolean provision);

  /** Runs all provision steps again. */
  void provision(VmName name);

  /**
   * The VMs that changed after {@code since}, or, after at most {@code wait}, none.
   *
   * @param names which VMs; empty for all
   * @param since the version of an earlier answer; 0 for all as they are now, at once
   * @param wait at most 60 s
   */
  Changes changes(Set<VmName> names, long since, Duration wait);

  /**
   * Follows VMs.
   *
   * @param names which; empty for all
   */
  default Watch watch(Set<VmName> names) {
    return Watch.asking(this, names);
  }

  /** Past events; those that were counted again once, where they happened last. */
  EventPage events(EventQuery query);

  /**
   * The events after a place, each as often as it was told, with its count by then. Returns as soon
   * as there are some, after at most {@code wait} none.
   *
   * @param place of an earlier answer; all that there are when the journal is another one by now
   * @param wait at most 60 s
   */
  EventPage eventsAfter(long place, Duration wait);

  /**
   * A piece of a log. Returns as soon as there is something at {@code offset}, after at most {@code
   * wait} an empty piece.
   *
   * @param offset in bytes from the log's start; negative counts back from its end
   * @param wait at most 60 s
   */
  LogChunk log(VmName name, LogKind kind, long offset, Duration wait);

  /**
   * Where in a log, in bytes, that begins which was written since then. A log has no times of its
   * own: it may be somewhat before, never after.
   */
  long logOffset(VmName name, LogKind kind, Instant since);

  /**
   * How to reach the VM's SSH.
   *
   * @throws VmException vm.invalid_state when it does not run or has no network
   */
  SshAccess ssh(VmName name);

  /**
   * Has the guest's agent start a program; needs no network.
   *
   * @return its id, for {@link #program}
   * @throws VmException vm.invalid_state when the VM does not run; agent.failed when no agent
   *     answers; agent.refused when it cannot start that
   */
  long startProgram(VmName name, ProgramRequest request);

  /**
   * How a program stands. Its end is told once.
   *
   * @param wait for its end, at most 60 s
   * @throws VmException as of {@link #startProgram}; agent.refused when there is no such program
   */
  ProgramView program(VmName name, long id, Duration wait);

  /**
   * What is on the VM's screen, as a PNG.
   *
   * @throws VmException vm.invalid_state when it does not run; backend.capability_missing
   */
  byte[] screenshot(VmName name);

  /**
   * Changes labels by hand. What a VMFile says of a label holds: such a label cannot be changed so.
   *
   * @throws VmException vm.still_declared, naming file and line
   */
  void label(VmName name, LabelChange change);

  /** Bytes of the VM's serial console go through this address of the host's file system. */
  ConsoleAccess console(VmName name);

  /**
   * Writes the VM into one file: its record, keys, and disks that need no base image. A running
   * guest goes on. Returns when it is written, which takes as long as the disks are large.
   *
   * @param archive absolute; must not exist
   * @throws VmException io when the file exists or cannot be written; disk.full
   */
  ExportView exportVm(VmName name, Path archive);

  /**
   * Makes a VM of an exported one, held stopped. It has its uuid and MAC address unless a VM here
   * has them, and belongs to whoever declares it next.
   *
   * @param archive absolute
   * @param as its name here; null for that in the archive
   * @throws VmException image.invalid; store.format; vm.name_taken
   */
  VmName importVm(Path archive, @Nullable VmName as);

  /**
   * Gives a VM that is held stopped another name; its disk, uuid, MAC address and keys stay.
   *
   * @throws VmException vm.still_declared when its VMFile declares the old name; vm.invalid_state
   *     when it is not held stopped; vm.name_taken
   */
  void rename(VmName from, VmName to);

  /**
   * Makes VMs of vmctl of those that others have made, or that were released: what runs runs on,
   * and every disk stays where it is. Each by itself: what was refused says so in its answer.
   */
  List<AdoptView> adopt(AdoptRequest request);

  /**
   * Forgets a VM as it is: what runs runs on, every file stays where it is.
   *
   * @throws VmException vm.still_declared while a watched source declares it, naming file and line;
   *     vm.invalid_state while nobody can tell what it does
   */
  ReleaseView release(VmName name);

  /** What is in the trash, newest first. */
  List<TrashView> trash();

  /**
   * Brings an entry of the trash back: a whole VM is held stopped; a disk replaces the VM's present
   * one, which goes to the trash.
   */
  VmName restore(String trashId);

  /**
   * Deletes entries of the trash for good; all of them if {@code ids} is empty. Returns how many.
   */
  int emptyTrash(List<String> ids);

  /** The images in the cache, newest first. */
  List<ImageView> images();

  /**
   * Begins something with an image, or joins who has begun the same. It goes on until its end,
   * whether anybody waits for it or not; without a daemon, until this is closed.
   */
  ImageTask begin(ImageRequest request);

  /**
   * How far a task is. Returns as soon as there is something newer than {@code since}, after at
   * most {@code wait} what there is.
   *
   * @param id of {@link #begin}
   * @param wait at most 60 s
   * @throws VmException image.not_found when there is no such task (any more)
   */
  ImageTask imageTask(String id, long since, Duration wait);

  /**
   * Deletes images from the cache.
   *
   * @return those that were deleted, or would be
   * @throws VmException image.in_use, naming what needs one that was asked for; image.not_found
   */
  List<ImageView> remove(ImageRemoval removal);

  /**
   * VMs that are not declared any more and wait for a person's word to be removed.
   *
   * @param confirm whether this is that word: then each is removed, as its {@code lifecycle} says
   * @return those that wait, or have been removed
   * @throws VmException source.prune_refused when a source cannot be read whole now
   */
  List<PruneView> prune(boolean confirm);

  /** What is followed, in the order it was given. */
  List<SourceView> sources();

  /**
   * Looks at a source now; a repository is fetched soon.
   *
   * @throws VmException source.not_found
   */
  void syncSource(String name);

  /**
   * Leaves a repository alone until {@link #resumeSource}; its VMs stay as they are.
   *
   * @throws VmException source.not_found; vm.invalid_state for a directory
   */
  void suspendSource(String name);

  /** Follows a repository again. */
  void resumeSource(String name);

  /**
   * Follows another source from now on, also after restarts.
   *
   * @throws VmException source.taken when it is followed already, or its name is another's; usage
   *     when it cannot be followed as it says
   */
  SourceView addSource(AddedSource source);

  /**
   * Follows a source no more that was added by {@link #addSource}.
   *
   * @param prune whether its VMs go, each as its lifecycle says; otherwise they stay as they are
   *     and belong to whoever declares them next
   * @throws VmException source.not_found; source.configured, naming where
   */
  SourceRemoval removeSource(String name, boolean prune);

  @Override
  void close();
}
