package dev.vmctl.vmfile;

import dev.vmctl.model.Diagnostic.Severity;

/** What can be wrong with a VMFile, besides its syntax (codes {@code kdl.…}). */
public enum VmFileCode {
  NOT_FOUND("vmfile.not_found", "There is no such file."),
  NOT_A_FILE("vmfile.not_a_file", "It is a directory, a device or the like."),
  UNREADABLE("vmfile.unreadable", "The file cannot be read."),
  TOO_LARGE("vmfile.too_large", "The file is larger than 16 MiB."),
  CHANGING("vmfile.changing", "The file was being written while it was read."),
  NO_VM("vmfile.no_vm", "The file has no vm node."),
  UNKNOWN_NODE("vmfile.unknown_node", "A node of this name means nothing here."),
  UNKNOWN_PROPERTY("vmfile.unknown_property", "A property of this name means nothing here."),
  EXTRA_ARGUMENT("vmfile.extra_argument", "A value too many."),
  UNEXPECTED_CHILDREN("vmfile.unexpected_children", "A node that takes no braces has some."),
  MISSING_ARGUMENT("vmfile.missing_argument", "A node lacks its value."),
  MISSING_NODE("vmfile.missing_node", "A node that is needed here is not there."),
  WRONG_TYPE("vmfile.wrong_type", "Text where a number is meant, or the like."),
  OUT_OF_RANGE("vmfile.out_of_range", "The value is too small or too large."),
  UNKNOWN_CHOICE("vmfile.unknown_choice", "The value is none of the words allowed."),
  UNKNOWN_UNIT("vmfile.unknown_unit", "A size without a unit that is clear."),
  INVALID_VALUE("vmfile.invalid_value", "A value of the right type that cannot be meant."),
  DUPLICATE_NODE("vmfile.duplicate_node", "A node that may stand once stands twice."),
  DUPLICATE_VM("vmfile.duplicate_vm", "Two vm nodes have one name."),
  DUPLICATE_TEMPLATE("vmfile.duplicate_template", "Two templates have one name."),
  UNKNOWN_TEMPLATE("vmfile.unknown_template", "The file has no template of this name."),
  CYCLE("vmfile.cycle", "Templates use each other, or VMs wait for each other, in a circle."),
  INVALID_NAME("vmfile.invalid_name", "The name of a VM is not a DNS label."),
  CONFLICT("vmfile.conflict", "Two nodes exclude each other."),
  PORT_CLASH("vmfile.port_clash", "Two forwards listen on one port of the host."),
  MAC_CLASH("vmfile.mac_clash", "Two network cards have one address."),
  NOT_SUPPORTED("vmfile.not_supported", "The VM's backend cannot do this."),
  NOT_ALLOWED("vmfile.not_allowed", "A remote source may not declare this on this host."),
  FILE_MISSING("vmfile.file_missing", "A file that is declared is not there or cannot be read."),
  TOO_MANY("vmfile.too_many", "There are more findings than are shown."),
  UNUSED_TEMPLATE("vmfile.unused_template", "No VM uses the template.", Severity.WARNING),
  UNKNOWN_DEPENDENCY(
      "vmfile.unknown_dependency",
      "A VM waits for one that no file looked at declares.",
      Severity.WARNING),
  UNUSED_NODE("vmfile.unused_node", "A node has no effect beside another.", Severity.WARNING),
  TYPE_ANNOTATION("vmfile.type_annotation", "Type annotations mean nothing.", Severity.WARNING),
  HOSTNAME("vmfile.hostname", "The guest may not take this host name.", Severity.WARNING),
  PROBE_CANNOT_RUN(
      "vmfile.probe_cannot_run", "Nothing leads to what a probe asks.", Severity.ERROR),
  UNREACHABLE("vmfile.unreachable", "The VM has steps and no network for them.", Severity.WARNING);

  private final String text;
  private final String meaning;
  private final Severity severity;

  VmFileCode(String text, String meaning) {
    this(text, meaning, Severity.ERROR);
  }

  VmFileCode(String text, String meaning, Severity severity) {
    this.text = text;
    this.meaning = meaning;
    this.severity = severity;
  }

  /** As printed; never changes once released. */
  public String text() {
    return text;
  }

  /** One sentence for the reference page. */
  public String meaning() {
    return meaning;
  }

  public Severity severity() {
    return severity;
  }
}
