package dev.vmctl.vmfile;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Described;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.ShareSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The descriptors of fields and their parts in words. */
final class SchemaText {
  private SchemaText() {}

  /** What the value is and where its bounds lie, in plain words. */
  static String value(Described described) {
    return switch (described.kind()) {
      case INTEGER -> "a whole number" + range(described, Object::toString);
      case MEMORY -> "a size" + range(described, number -> Quantity.text(number, 20));
      case DISK_SIZE -> "a size" + range(described, number -> Quantity.text(number, 0));
      case DURATION ->
          "a time" + range(described, number -> TimeSpan.text(Duration.ofMillis(number)));
      case TEXT -> "text";
      case TEXTS -> "texts";
      case LINES -> "text, of several lines if need be";
      case PATH ->
          described instanceof Field<?> field && field.contentCounts()
              ? "a path; its content counts"
              : "a path";
      case BOOLEAN -> "#true or #false; alone: #true";
      case CHOICE -> choices(described);
      case FLAG -> "no value";
      case NETWORK -> "a kind of network, with its parts";
      case PROVISION -> "a kind of step, with its parts; may be repeated";
      case DISKS -> "disk nodes, up to " + DiskSpec.MOST;
      case NICS -> "nic nodes, up to " + NicSpec.MOST;
      case FORWARD -> "its parts; may be repeated";
      case SHARE -> "a directory, with its parts; up to " + ShareSpec.MOST;
      case LABELS -> "names and texts";
      case ENV -> "variables and texts or files";
      case APPLY -> choices(described) + ", or one of them by class of change";
      case DEPENDENCY -> "names of VMs; may be repeated";
      case PROBE -> "checks and times, in braces";
    };
  }

  private static String choices(Described described) {
    return '"' + String.join("\", \"", described.choices()) + '"';
  }

  private interface Words {
    String of(Long number);
  }

  private static String range(Described described, Words words) {
    Long least = described.minimum();
    Long most = described.maximum();
    return least == null || most == null ? "" : ", " + words.of(least) + " to " + words.of(most);
  }

  /** The backends that know the field, by name; null for all of them. */
  static @Nullable List<String> backends(Field<?> field) {
    if (field.backends().size() == BackendTag.values().length) {
      return null;
    }
    return Arrays.stream(BackendTag.values())
        .filter(field.backends()::contains)
        .map(BackendTag::text)
        .toList();
  }
}
