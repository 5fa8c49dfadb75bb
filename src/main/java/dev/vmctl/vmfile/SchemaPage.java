package dev.vmctl.vmfile;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The reference page of the VMFile, made from the descriptors that the reader reads by. */
public final class SchemaPage {
  private static final String INTRODUCTION =
      """
      # The VMFile

      Made from the field descriptors (`VmFields`); a test holds it to them. Do not edit by hand.

      A VMFile is a [KDL](https://kdl.dev) document, version 2 or 1, in UTF-8, of up to 16 MiB. It holds one or more `vm` nodes; each has a
      name (1 to 63 of a–z, 0–9 and hyphens, a letter or digit at both ends) and, in its braces, the fields below. What is not known is an
      error, never ignored. A file with an error declares nothing.

      ```kdl
      vm "web" {
          image "~/images/debian-12.qcow2"
          vcpus 2
          memory "2GiB"
          disk 20
          network "tap" { bridge "br0" }
          cloud-init { hostname "web"; ssh-key "~/.ssh/id_ed25519.pub" }
          ssh { user "ubuntu" }
          provision "shell" { inline "sudo apt-get update" }
          provision "file" { source "a.conf"; destination "/etc/a.conf" }
      }
      ```

      - **Paths** start at the VMFile's directory; a leading `~/` is the home directory.
      - **Sizes** are plain numbers, or text with a unit: `KiB`, `MiB`, `GiB`, `TiB`, `PiB` (`K`, `M`, `G`, `T`, `P`), all powers of 1024, and `B`.
        `GB` is refused: it means two things.
      - **What stands in the braces** of `network`, `provision`, `cloud-init` and `ssh` may also be written as a property: `network "tap" bridge="br0"`.
      - **Exactly one** of `image`, `image-url` and `image-build` is needed, except on backend `noop`. `initrd` and `cmdline` need a `kernel`.
      - **`network`** is `"user"`, `"tap"` with an optional `bridge` (`br0`), `"vnic"` with a `name`, or `"none"`.
      - **`provision`** may be repeated: `"shell"` with `inline` or `script`, `"file"` with `source` and `destination`.
      - **The content** of scripts, copied files, `ssh-key` and `user-data` counts as declared: a change of the file is a change of the VM.

      """;

  private SchemaPage() {}

  /** The page, as Markdown. */
  public static String markdown() {
    StringBuilder out = new StringBuilder(INTRODUCTION);
    out.append("## Fields\n\n");
    for (Field<?> field : VmFields.ALL) {
      section(field, out);
    }
    out.append("## Findings\n\n| code | severity | meaning |\n| --- | --- | --- |\n");
    for (VmFileCode code : VmFileCode.values()) {
      row(List.of("`" + code.text() + "`", code.severity().text(), code.meaning()), out);
    }
    return out.append("\nErrors of syntax have codes that begin with `kdl.`.\n").toString();
  }

  private static void section(Field<?> field, StringBuilder out) {
    out.append("### ").append(field.path()).append("\n\n");
    out.append(field.summary()).append("\n\n```kdl\n").append(field.example()).append("\n```\n\n");
    out.append("| value | default | gentlest change | backends | since |\n");
    out.append("| --- | --- | --- | --- | --- |\n");
    row(
        List.of(
            value(field),
            field.defaultText(),
            field.gentlest().text(),
            backends(field),
            field.since()),
        out);
    out.append('\n');
  }

  private static String value(Field<?> field) {
    return switch (field.kind()) {
      case INTEGER -> "a whole number" + range(field, "", "");
      case MEMORY -> "a size" + range(field, text(field.minimum(), 20), text(field.maximum(), 20));
      case DISK_SIZE -> "a size" + range(field, text(field.minimum(), 0), text(field.maximum(), 0));
      case TEXT -> "text";
      case PATH -> "a path" + (field.contentCounts() ? "; its content counts" : "");
      case BOOLEAN -> "`#true` or `#false`; alone: `#true`";
      case CHOICE -> "`\"" + String.join("\"`, `\"", field.choices()) + "\"`";
      case NETWORK -> "a kind of network, with its parts";
      case PROVISION -> "a kind of step, with its parts; may be repeated";
    };
  }

  private static String range(Field<?> field, String least, String most) {
    if (field.minimum() == null || field.maximum() == null) {
      return "";
    }
    return ", "
        + (least.isEmpty() ? field.minimum().toString() : least)
        + " to "
        + (most.isEmpty() ? field.maximum().toString() : most);
  }

  private static String text(@Nullable Long number, int shift) {
    return number == null ? "" : Quantity.text(number, shift);
  }

  private static String backends(Field<?> field) {
    if (field.backends().size() == BackendTag.values().length) {
      return "all";
    }
    return Arrays.stream(BackendTag.values())
        .filter(field.backends()::contains)
        .map(BackendTag::text)
        .collect(Collectors.joining(", "));
  }

  private static void row(List<String> cells, StringBuilder out) {
    out.append("| ").append(String.join(" | ", cells).replace("  ", " ")).append(" |\n");
  }
}
