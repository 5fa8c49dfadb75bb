package dev.vmctl.controller;

import dev.vmctl.api.PruneView;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Stands between what a source does not declare any more and its removal. A person is asked before
 * every VM of it would go at once, or more than half of three or more, or any because the source is
 * another place than before.
 */
final class PruneGuard {
  private final SourceId source;
  private final Events events;

  /** What was told of last, so that it is told once. */
  private String refusal = "";

  /** Those that a removal was refused for; of those that are declared again nothing is said. */
  private List<VmName> undecided = List.of();

  private String undecidedWhy = "";

  PruneGuard(SourceId source, Events events) {
    this.source = source;
    this.events = events;
  }

  /**
   * Whether these may be removed without asking; tells if not.
   *
   * @param missing VMs of the source that it does not declare any more
   * @param all how many it has, these included
   * @param moved whether it is another place than before
   */
  boolean allows(List<VmName> missing, int all, boolean moved) {
    String why;
    if (moved) {
      why = source + " is not the place it was";
    } else if (missing.size() == all) {
      why = source + " declares none of its VMs any more";
    } else if (all >= 3 && missing.size() * 2 > all) {
      why = source + " does not declare " + missing.size() + " of its " + all + " VMs any more";
    } else {
      refusal = "";
      return true;
    }
    undecided = List.copyOf(missing);
    undecidedWhy = why;
    if (!refusal.equals(why)) {
      refusal = why;
      events.warning(
          null,
          "PruneRefused",
          why
              + "; nothing is removed. If that is meant: vmctl prune --confirm, for "
              + missing.stream().map(VmName::value).collect(Collectors.joining(" ")));
    }
    return false;
  }

  /** All that the source has is declared: nobody has to be asked. */
  void nothingMissing() {
    undecided = List.of();
  }

  /** What is refused from now on is told, also if it was told before. */
  void forgetRefusal() {
    refusal = "";
  }

  /** A person has decided. */
  void decided() {
    nothingMissing();
    forgetRefusal();
  }

  boolean asks() {
    return !undecided.isEmpty();
  }

  /** Those of the missing that wait for a person. */
  List<VmName> waiting(List<VmName> missing) {
    return undecided.stream().filter(missing::contains).toList();
  }

  /** The same for people; empty when none do. */
  Optional<PruneView> view(List<VmName> missing) {
    List<String> names = waiting(missing).stream().map(VmName::value).toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(new PruneView(source.toString(), undecidedWhy, names));
  }
}
