package dev.vmctl.vmfile;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.ShareSpec;
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
      - **What stands in the braces** of a node beside its name or kind may also be written as a property: `network "tap" bridge="br0"`.
      - **Exactly one** of `image`, `image-url` and `image-build` is needed, except on backend `noop`. `initrd` and `cmdline` need a `kernel`.
      - **`network`** is `"user"`, `"tap"` with an optional `bridge` (`br0`), `"vnic"` with a `name`, or `"none"`.
      - **`provision`** may be repeated: `"shell"` with `inline` or `script`, and `env` of its own; `"file"` with `source` and `destination`.
      - **The content** of scripts, copied files, `ssh-key`, `user-data` and of files in `env` counts as declared: a change of the file is a change of
        the VM.
      - **`env`** reaches the guest through the connection, never through a command line; values are shown nowhere. A file's last line break is no part of
        the value. A step's own variables go before the VM's.
      - **`disks`** are data: a new root disk (`reload`, another image) leaves them as they are, `destroy` takes them into the trash with the VM, and
        what is no longer declared, or begins as another image now, goes there by itself (`vmctl trash restore` brings it back). They grow, never shrink.
        Names have up to 20 of a–z, 0–9 and hyphens; `root` and `seed` are taken. An empty disk has no file system: the guest makes one.
      - **`nics`** are cards beside the first one, which `network` describes; with `network "none"` they are all there is. Each has `network "user"` (the
        default) or `"tap"`; `bridge` alone means `"tap"`. A MAC address that is not given follows from the VM's identity and the card's name, and stays.
        The seed asks for DHCP on every card, unless there is only the first.
      - **`forward`** takes `host`, `guest`, `proto` (`"tcp"` or `"udp"`) and `bind` (an IPv4 address; `"0.0.0.0"` is every one). It goes over the first card
        on network `"user"`, as SSH does.
      - **`share`** takes `at`, `read-only`, and `via`: `"virtiofs"` (vmctl runs as root), `"9p"` (the guest's kernel has it), `"sftp"` (the guest has sshfs), or
        `"auto"`, the first of these that works; `vmctl status` says which it is. The directory must be there when the VM starts.
      - **`labels`** have names and values as in Kubernetes: up to 63 letters, digits, dots, hyphens and underscores; a name may begin with a domain and a slash.

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
      case DISKS -> "`disk` nodes, up to " + DiskSpec.MOST;
      case NICS -> "`nic` nodes, up to " + NicSpec.MOST;
      case FORWARD -> "its parts; may be repeated";
      case SHARE -> "a directory, with its parts; up to " + ShareSpec.MOST;
      case LABELS -> "names and texts";
      case ENV -> "variables and texts or files; never shown";
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
