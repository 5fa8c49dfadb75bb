package dev.vmctl.plan;

import dev.vmctl.model.Change;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What to do, in order. Only the first action is carried out before everything is looked at again.
 *
 * @param changes how what is declared differs from what was applied
 * @param waiting why nothing is done although there are changes; empty when nothing is waited for
 */
public record Plan(List<Action> actions, List<FieldChange> changes, String waiting) {
  public Plan {
    actions = List.copyOf(actions);
    changes = List.copyOf(changes);
    Objects.requireNonNull(waiting);
  }

  public Optional<Action> next() {
    return actions.stream().findFirst();
  }

  /** The hardest class among the changes. */
  public Change hardest() {
    return changes.stream().map(FieldChange::change).reduce(Change.NONE, Change::and);
  }

  /** One word for all of it, as {@code vmctl plan} shows it. */
  public String summary() {
    boolean stops = has(Action.Stop.class);
    if (has(Action.Destroy.class)) {
      return "destroy";
    }
    if (has(Action.TrashDisk.class)) {
      return "replace";
    }
    if (has(Action.Create.class)) {
      return "create";
    }
    if (stops && has(Action.Start.class)) {
      return "restart";
    }
    return actions.stream()
        .filter(
            action -> !(action instanceof Action.AwaitReady) && !(action instanceof Action.Reap))
        .findFirst()
        .map(action -> action instanceof Action.Adjust ? "update" : action.name())
        .orElse("none");
  }

  private boolean has(Class<? extends Action> kind) {
    return actions.stream().anyMatch(kind::isInstance);
  }
}
