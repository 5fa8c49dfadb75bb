package dev.vmctl.store;

import dev.vmctl.model.VmSpec;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A VM has been rolled back: an older declaration is in force, not that of its VMFile. The next
 * edit of the VMFile ends it.
 *
 * @param to the generation whose declaration is in force
 * @param at when that was asked for
 * @param imageDigest base image of that generation; null for a backend without, or when it was
 *     never made
 * @param declared what the VMFile says
 * @param declaredHash of that, see {@link SpecHash}: another one is an edit
 * @param declaredGeneration the generation in which that was in force last
 * @param declaredInputs digests of the files that are part of it
 */
public record Pin(
    long to,
    Instant at,
    @Nullable String imageDigest,
    VmSpec declared,
    String declaredHash,
    long declaredGeneration,
    Map<String, String> declaredInputs) {
  public Pin {
    Objects.requireNonNull(at);
    Objects.requireNonNull(declared);
    Objects.requireNonNull(declaredHash);
    declaredInputs = Collections.unmodifiableMap(new TreeMap<>(declaredInputs));
  }
}
