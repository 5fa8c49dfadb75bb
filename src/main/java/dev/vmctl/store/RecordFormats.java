package dev.vmctl.store;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The formats that records have had, the first of which is 1, and the way from each to the next.
 * Every format that was ever written can be read; a newer one is refused.
 */
final class RecordFormats {
  private final List<UnaryOperator<Map<String, @Nullable Object>>> steps;

  /**
   * @param steps the first makes format 2 of format 1, and so on
   */
  RecordFormats(List<UnaryOperator<Map<String, @Nullable Object>>> steps) {
    this.steps = List.copyOf(steps);
  }

  /** Those of this version: so far there is one. */
  static RecordFormats standard() {
    return new RecordFormats(List.of());
  }

  int newest() {
    return steps.size() + 1;
  }

  /**
   * The record in the newest format.
   *
   * @throws VmException store.format when it is of a newer one; store.corrupt when it says no
   *     format
   */
  Map<String, @Nullable Object> upgrade(Path file, Map<String, @Nullable Object> record) {
    int format = format(record);
    if (format > newest()) {
      throw new VmException(
          ErrorCode.STORE_FORMAT,
          file + " has format " + format + ", this vmctl reads up to " + newest(),
          "it was written by a newer vmctl: use that version, or a newer one");
    }
    if (format < 1) {
      throw new VmException(
          ErrorCode.STORE_CORRUPT,
          "cannot understand " + file + ": it does not say its format",
          "nothing of this VM is touched; restore the file from a backup, or move the VM's directory away");
    }
    Map<String, @Nullable Object> upgraded = record;
    for (UnaryOperator<Map<String, @Nullable Object>> step :
        steps.subList(format - 1, steps.size())) {
      upgraded = step.apply(upgraded);
    }
    upgraded.put("format", newest());
    return upgraded;
  }

  static int format(Map<String, @Nullable Object> record) {
    return record.get("format") instanceof Integer format ? format : 0;
  }
}
