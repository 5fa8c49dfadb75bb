package dev.vmctl.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a VM: a DNS label (RFC 1123: letters a–z, digits and hyphens, 1 to 63 of them, a
 * letter or digit at both ends), so that it is safe as a file name, zone, tap device and metric
 * label.
 */
public record VmName(String value) implements Comparable<VmName> {
  /** Longest name, in characters. */
  public static final int MAX_LENGTH = 63;

  /**
   * @throws VmException {@link ErrorCode#VM_NAME_INVALID}
   */
  public VmName {
    Optional<String> problem = problem(value);
    if (problem.isPresent()) {
      throw new VmException(
          ErrorCode.VM_NAME_INVALID,
          "'" + value + "' is not a VM name: " + problem.get(),
          "use 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends, such as \"web-1\"");
    }
  }

  /** Why {@code text} is not a VM name; empty if it is one. */
  public static Optional<String> problem(String text) {
    if (text.isEmpty()) {
      return Optional.of("it is empty");
    }
    if (text.length() > MAX_LENGTH) {
      return Optional.of("it has " + text.length() + " characters, " + MAX_LENGTH + " are allowed");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && c != '-') {
        return Optional.of(
            "'" + Character.toString(text.codePointAt(i)) + "' is not allowed in it");
      }
      if (c == '-' && (i == 0 || i == text.length() - 1)) {
        return Optional.of("a hyphen may not stand at its " + (i == 0 ? "start" : "end"));
      }
    }
    return Optional.empty();
  }

  @Override
  public int compareTo(VmName other) {
    return value.compareTo(other.value);
  }

  // What a record has by itself is put together at run time, which costs a command more than to
  // read
  // a VM; a name is the key of nearly every map.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VmName name && value.equals(name.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
