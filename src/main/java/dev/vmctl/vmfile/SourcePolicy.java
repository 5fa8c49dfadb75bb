package dev.vmctl.vmfile;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * What the VMFiles of a remote source may declare on this host.
 *
 * @param tree where the source's files lie; absolute, without links below it
 * @param allowed what is allowed beyond that
 */
public record SourcePolicy(Path tree, Set<Allowance> allowed) {
  public SourcePolicy {
    Objects.requireNonNull(tree);
    Set<Allowance> copy = EnumSet.noneOf(Allowance.class);
    copy.addAll(allowed);
    allowed = copy;
  }

  boolean allows(Allowance allowance) {
    return allowed.contains(allowance);
  }

  /** By the path's text: a tree without links has no other truth. */
  boolean isInTree(Path path) {
    return path.normalize().startsWith(tree);
  }
}
