package dev.vmctl.vmfile;

import java.util.List;

/**
 * The nodes of a VMFile that are no fields of a VM: those around the fields, and what shapes them.
 */
enum Construct {
  VM(
      "vm",
      "vm",
      "a name",
      "A VM: a name, and its fields in braces.",
      "vm \"web\" { image \"~/images/debian-12.qcow2\" }"),
  DEFAULTS(
      "defaults",
      "defaults",
      "",
      "Fields for every VM of the file that does not say otherwise.",
      "defaults { memory \"2GiB\"; ssh { user \"ubuntu\" } }"),
  TEMPLATE(
      "template",
      "template",
      "a name of its own",
      "Fields for the VMs of the file that use it; it may use others.",
      "template \"small\" { vcpus 1; memory \"512MiB\" }"),
  USE(
      "use",
      "vm.use",
      "names of templates",
      "Take over the fields of templates; of several the later wins, and the VM's own always.",
      "use \"small\""),
  REPLICAS(
      "replicas",
      "vm.replicas",
      "a whole number, 1 to 1000",
      "Declare so many VMs alike: web-1, web-2 and so on.",
      "replicas 3");

  static final int MOST_REPLICAS = 1000;

  /** What the node is called. */
  final String name;

  /** Where it stands. */
  final String path;

  /** What its value is; empty if it has none. */
  final String value;

  final String summary;
  final String example;

  Construct(String name, String path, String value, String summary, String example) {
    this.name = name;
    this.path = path;
    this.value = value;
    this.summary = summary;
    this.example = example;
  }

  /** Those that stand at the top of a file. */
  static List<Construct> top() {
    return List.of(VM, DEFAULTS, TEMPLATE);
  }

  /** Those that stand in the braces of a {@code vm}. */
  static List<Construct> inVm() {
    return List.of(USE, REPLICAS);
  }
}
