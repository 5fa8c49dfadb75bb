package dev.vmctl.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How what is in force differs from a past generation; the component names are the stable JSON
 * fields of {@code diff}.
 *
 * @param changes fields, from then to now
 * @param files files that are part of the declaration and had another content
 * @param unknown names of variables and the like whose values are not kept: whether they differ is
 *     not known
 * @param rollbackClass how hard the way back would hit: {@code none}, {@code live}, {@code
 *     restart}, {@code replace}
 */
public record DiffView(
    String vm,
    long from,
    long to,
    List<PlanView.FieldChange> changes,
    List<FileChange> files,
    List<String> unknown,
    String rollbackClass) {
  public DiffView {
    changes = List.copyOf(changes);
    files = List.copyOf(files);
    unknown = List.copyOf(unknown);
  }

  /**
   * @param from digest then; null when it was no part of it
   * @param to digest now; null when it is no part of it
   */
  public record FileChange(String path, @Nullable String from, @Nullable String to) {}
}
