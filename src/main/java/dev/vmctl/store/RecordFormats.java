package dev.vmctl.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The formats that records have had, the first of which is 1, and the way from each to the next.
 * Every format that was ever written can be read; a newer one is refused.
 */
final class RecordFormats {
  private final List<UnaryOperator<ObjectNode>> steps;

  /**
   * @param steps the first makes format 2 of format 1, and so on
   */
  RecordFormats(List<UnaryOperator<ObjectNode>> steps) {
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
  ObjectNode upgrade(Path file, ObjectNode record) {
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
    ObjectNode upgraded = record;
    for (UnaryOperator<ObjectNode> step : steps.subList(format - 1, steps.size())) {
      upgraded = step.apply(upgraded);
    }
    return upgraded.put("format", newest());
  }

  static int format(ObjectNode record) {
    return record.path("format").asInt(0);
  }
}
