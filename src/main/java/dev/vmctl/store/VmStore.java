package dev.vmctl.store;

import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The records of the VMs. Safe for use by many threads, and by many processes. */
public interface VmStore {
  /** Names of all VMs that have a record, sorted; also of those whose record cannot be read. */
  List<VmName> names();

  /**
   * @throws VmException store.corrupt, store.format when there is a record that cannot be read
   */
  Optional<VmRecord> read(VmName name);

  /**
   * Changes a VM's record: reads it afresh, applies the change, and writes it durably if it became
   * another; the generation that it leaves behind is kept in {@link #history}. One change at a
   * time, whoever makes it.
   *
   * @param change gets null for a VM that has no record; null from it leaves that so
   * @return the record as it is now
   */
  @Nullable VmRecord update(VmName name, Function<@Nullable VmRecord, @Nullable VmRecord> change);

  /** Changes the record of a VM, if it has one still. */
  default void change(VmName name, UnaryOperator<VmRecord> change) {
    update(name, now -> now == null ? null : change.apply(now));
  }

  /**
   * The generations that a VM has left behind, the oldest first; the one in force is in its record.
   * Those that are too many are forgotten.
   *
   * @throws VmException store.corrupt when one cannot be understood
   */
  List<PastGeneration> history(VmName name);

  /**
   * Takes a VM's directory away, its record with it, while nobody else writes it.
   *
   * @param still whether that is wanted still, by the record as it is now
   * @param away moves or deletes the directory
   * @return whether it was done
   */
  boolean takeAway(VmName name, Predicate<VmRecord> still, Runnable away);

  /**
   * Gives a VM another name, its directory with it, while nobody else writes it.
   *
   * @param still whether that may be done, by the record as it is now
   * @return whether it was done
   * @throws VmException vm.name_taken when the new name is
   */
  boolean rename(VmName from, VmName to, Predicate<VmRecord> still);

  /**
   * Makes a directory that has a record in it the directory of a new VM, at one moment.
   *
   * @param directory on the same file system
   * @param change of the record, before it counts
   * @throws VmException vm.name_taken when there is such a VM
   */
  VmRecord adopt(VmName name, Path directory, UnaryOperator<VmRecord> change);

  /**
   * Makes the first record of a VM that others have made, also in a directory that has files of
   * theirs; what was released of that name is taken back with it.
   *
   * @throws VmException vm.name_taken when there is such a VM
   */
  VmRecord takeOver(VmRecord record);

  /**
   * Forgets a VM: its record is kept as a note beside its files, which stay as they are.
   *
   * @param still whether that may be done, by the record as it is now
   * @return whether it was done
   */
  boolean release(VmName name, Predicate<VmRecord> still);

  /**
   * The record of a released VM, as it was then; empty when none of this name was released.
   *
   * @throws VmException store.corrupt, store.format
   */
  Optional<VmRecord> released(VmName name);

  /** What {@link #keepSourceIdentity} kept; empty when it never did. */
  Optional<String> sourceIdentity(SourceId source);

  /** Remembers which directory a source is: by device and inode, say. */
  void keepSourceIdentity(SourceId source, String identity);

  /**
   * Forgets what was read of a VM whose directory was moved by others (into the trash, or back).
   */
  void forget(VmName name);
}
