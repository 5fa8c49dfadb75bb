package dev.vmctl.vmfile;

import dev.vmctl.model.Described;
import dev.vmctl.model.Field;
import dev.vmctl.model.Part;
import dev.vmctl.model.VmFields;
import java.util.List;

/** The reference page of the VMFile, made from the descriptors that the reader reads by. */
public final class SchemaPage {
  private static final String INTRODUCTION =
      """
      # The VMFile

      Made from the field descriptors (`VmFields`); a test holds it to them. Do not edit by hand.

      A VMFile is a [KDL](https://kdl.dev) document, version 2 or 1, in UTF-8, of up to 16 MiB. It holds one or more `vm` nodes, and
      maybe `defaults` and `template` nodes; each VM has a name (1 to 63 of a–z, 0–9 and hyphens, a letter or digit at both ends) and, in its braces, the fields below. What is not known is an
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
      - **Times** are numbers of seconds, or text with a unit: `ms`, `s`, `m`, `h`, `d`.
      - **What stands in the braces** of a node beside its name or kind may also be written as a property: `network "tap" bridge="br0"`.
      - **Exactly one** of `image`, `image-url` and `image-build` is needed, except on backend `noop`. `initrd` and `cmdline` need a `kernel`.
      - **`network`** is `"user"`, `"tap"` with an optional `bridge` (`br0`), `"private"` with a `name`, `"vnic"` with a `name`, or `"none"`; see
        [networks](networks.md).
      - **`uefi`** gives the VM variables of its own (`efivars.fd` in its directory), kept across restarts and new root disks. With **`secure-boot`** they are
        others (`efivars-secure.fd`), with the keys that Debian's, Ubuntu's and Fedora's boot loaders are signed for. **`tpm`** starts a `swtpm` with the VM, whose
        memory is in `tpm/`. A kernel that is booted directly and is not signed does not start under secure boot.
      - **`provision`** may be repeated: `"shell"` with `inline` or `script`, and `env` of its own; `"file"` with `source` and `destination`.
      - **The content** of scripts, copied files, `ssh-key`, `user-data` and of files in `env` counts as declared: a change of the file is a change of
        the VM.
      - **`env`** reaches the guest through the connection, never through a command line; values are shown nowhere. A file's last line break is no part of
        the value. A step's own variables go before the VM's.
      - **`disks`** are data: a new root disk (`reload`, another image) leaves them as they are, `destroy` takes them into the trash with the VM, and
        what is no longer declared, or begins as another image now, goes there by itself (`vmctl trash restore` brings it back). They grow, never shrink.
        Names have up to 20 of a–z, 0–9 and hyphens; `root` and `seed` are taken. An empty disk has no file system: the guest makes one.
      - **`nics`** are cards beside the first one, which `network` describes; with `network "none"` they are all there is. Each has `network "user"` (the
        default), `"tap"` or `"private"`; `bridge` alone means `"tap"`, `name` alone `"private"`, whose name is else that of the card. A MAC address that
        is not given follows from the VM's identity and the card's name, and stays. The seed asks for DHCP on every card, unless there is only the first, and
        gives each on a private network its address.
      - **`forward`** takes `host`, `guest`, `proto` (`"tcp"` or `"udp"`) and `bind` (an IPv4 address; `"0.0.0.0"` is every one). It goes over the first card
        on network `"user"`, as SSH does.
      - **`share`** takes `at`, `read-only`, and `via`: `"virtiofs"` (vmctl runs as root), `"9p"` (for a guest whose kernel has it; Debian's cloud kernel
        has not), `"sftp"` (`sshfs` in the guest, `bubblewrap` and OpenSSH's `sftp-server` on the host) or `"auto"`: virtiofs where the host can, else 9p
        where the guest can, else SFTP; `vmctl status` says which it is. The directory must be there when the VM starts. The guest mounts it at each
        boot, and is not ready before; one with `user-data` of its own does when vmctl can log in. By SFTP all files belong to the user that logs in; it
        goes over a connection that the host makes, and is mounted again after a reboot of the guest, also while no vmctl runs.
      - **`labels`** have names and values as in Kubernetes: up to 63 letters, digits, dots, hyphens and underscores; a name may begin with a domain and a slash.

      """;

  private static final String SHARING =
      """

      Precedence, from the strongest: the VM's own fields, the templates it uses (the last one first, each before those that it uses itself),
      `defaults`. A field is taken over as a whole. Fields in groups (`cloud-init`, `ssh`, `lifecycle`) are taken over one by one. What may be
      repeated (`provision`, `depends-on`) adds up: that of `defaults` comes first, the VM's own last. An `image` of one's own puts an inherited
      `image-url` out of force, and the other way round. Order in the file does not matter. Templates hold for their file only.

      `replicas 3` on `vm "web"` declares `web-1`, `web-2` and `web-3`, and no `web`; `depends-on "web"` in the same file means all three. What
      only one VM can have (a VNIC) is refused in several.

      `vmctl explain PATH` says the same as this page; `vmfile-schema.kdl` beside it says it in the
      [KDL schema language](https://github.com/kdl-org/kdl/blob/main/SCHEMA-SPEC.md), for editors.

      """;

  private SchemaPage() {}

  /** The page, as Markdown. */
  public static String markdown() {
    StringBuilder out = new StringBuilder(INTRODUCTION);
    out.append("## Nodes around the fields\n\n");
    out.append("| node | value | meaning | example |\n| --- | --- | --- | --- |\n");
    for (Construct construct : Construct.values()) {
      row(
          List.of(
              "`" + construct.path.replace('.', ' ') + "`",
              construct.value,
              construct.summary,
              "`" + construct.example + "`"),
          out);
    }
    out.append(SHARING);
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
    out.append(field.summary());
    out.append(field.sensitive() ? " Its value is never shown." : "");
    out.append("\n\n```kdl\n").append(field.example()).append("\n```\n\n");
    out.append("| value | default | gentlest change | backends | since |\n");
    out.append("| --- | --- | --- | --- | --- |\n");
    List<String> backends = SchemaText.backends(field);
    row(
        List.of(
            code(SchemaText.value(field)),
            field.defaultText(),
            field.gentlest().text(),
            backends == null ? "all" : String.join(", ", backends),
            field.since()),
        out);
    if (!field.parts().isEmpty()) {
      out.append("\n| part | value | default | meaning |\n| --- | --- | --- | --- |\n");
      parts("", field, out);
    }
    out.append('\n');
  }

  private static void parts(String prefix, Described owner, StringBuilder out) {
    for (Part part : owner.parts()) {
      String name = prefix + part.name();
      String with =
          part.of().isEmpty()
              ? ""
              : " With \"" + String.join("\", \"", part.of().stream().sorted().toList()) + "\".";
      row(
          List.of(
              "`" + name + "`" + (part.inline() ? " (property)" : ""),
              code(SchemaText.value(part)),
              part.defaultText(),
              part.summary() + with),
          out);
      parts(name + " ", part, out);
    }
  }

  /** Words in quotes and keywords, as code. */
  private static String code(String value) {
    return value.replaceAll("\"[^\"]*\"|#true|#false", "`$0`");
  }

  private static void row(List<String> cells, StringBuilder out) {
    out.append("| ").append(String.join(" | ", cells).replace("  ", " ")).append(" |\n");
  }
}
