package dev.vmctl.source;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.SourceId;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a source declared at one moment.
 *
 * @param why what is wrong with the source as a whole, which is then {@link Trust#UNKNOWN}, or
 *     {@link Trust#PARTIAL} as it declares what it declared before; else empty
 * @param identity device and inode of what was looked at, or the like; a change of it means that
 *     this is not the same place any more
 * @param declarations the VMs of every valid file; no name twice
 * @param brokenFiles files that could not be used: their VMs, if any, keep their last good spec
 * @param files every file that was looked at, broken ones included
 */
public record Snapshot(
    SourceId source,
    Trust trust,
    String why,
    String identity,
    List<Declaration> declarations,
    Set<Path> brokenFiles,
    Set<Path> files,
    List<Diagnostic> diagnostics) {

  /** How far a snapshot can be trusted. */
  public enum Trust {
    /** All of it was read: what is not in it is not declared. */
    COMPLETE,
    /** Some files were broken: what is in it is declared, what is not may be. */
    PARTIAL,
    /** The source could not be read: nothing follows from it. */
    UNKNOWN
  }

  public Snapshot {
    Objects.requireNonNull(source);
    Objects.requireNonNull(trust);
    Objects.requireNonNull(why);
    Objects.requireNonNull(identity);
    declarations = List.copyOf(declarations);
    brokenFiles = Set.copyOf(brokenFiles);
    files = Set.copyOf(files);
    diagnostics = List.copyOf(diagnostics);
  }
}
