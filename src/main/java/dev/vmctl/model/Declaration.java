package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One VM as a source declares it.
 *
 * @param file the VMFile it stands in
 * @param line where its node starts, from 1
 * @param inputs digests ({@code sha256:…}) of the files whose content is part of the declaration
 *     (scripts, copied files, keys, user-data), by absolute path
 * @param revision the commit it stands in; empty for a source without commits
 */
public record Declaration(
    VmSpec spec, Path file, int line, Map<String, String> inputs, String revision) {
  public Declaration {
    Objects.requireNonNull(spec);
    Objects.requireNonNull(file);
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    // An older client sends none.
    revision = Objects.requireNonNullElse(revision, "");
  }

  /** Of a source without commits. */
  public Declaration(VmSpec spec, Path file, int line, Map<String, String> inputs) {
    this(spec, file, line, inputs, "");
  }

  public Declaration withRevision(String commit) {
    return new Declaration(spec, file, line, inputs, commit);
  }

  public VmName name() {
    return spec.name();
  }
}
