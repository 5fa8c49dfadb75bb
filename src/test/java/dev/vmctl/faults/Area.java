package dev.vmctl.faults;

/** Where a fault comes from: a section of the page, in this order. */
public enum Area {
  VMFILE("VMFile"),
  GIT("Git repository"),
  IMAGE("Image"),
  QEMU("QEMU"),
  BACKENDS("Propolis and bhyve"),
  GUEST("Guest"),
  HOST("Host"),
  DATA("Data directory"),
  PROCESSES("Many vmctl at once"),
  OURS("vmctl itself dies"),
  API("API");

  private final String title;

  Area(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
