package dev.vmctl.api;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A source that is followed; the component names are the stable JSON fields.
 *
 * @param name by which commands know it
 * @param kind {@code directory} or {@code git}; {@code file}: what stands for what commands have
 *     added where that cannot be told
 * @param location what it follows, without credentials
 * @param state {@code ok}; {@code suspended}; {@code unreachable}; {@code refused}: the wanted
 *     commit cannot be taken; {@code invalid}: files of it cannot be used, or VMs of it not be
 *     recorded; {@code unknown}: nothing is known of what it declares
 * @param commit whose declarations are in force; null for a directory, and before the first
 * @param wanted the commit its branch was at last; null for a directory, and before it was reached
 * @param reachedAt when it was reached last; null for a directory, and before that
 * @param vms how many VMs it declares here
 * @param configured where that is said, as file and line; null when a command has added it
 * @param problem what is wrong with it; empty when nothing is
 */
public record SourceView(
    String name,
    String kind,
    String location,
    String state,
    @Nullable String commit,
    @Nullable String wanted,
    @Nullable Instant reachedAt,
    int vms,
    @Nullable String configured,
    String problem) {
  public SourceView {
    Objects.requireNonNull(name);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(location);
    Objects.requireNonNull(state);
    Objects.requireNonNull(problem);
  }
}
