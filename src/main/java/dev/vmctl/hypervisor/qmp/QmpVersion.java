package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/** The version of QEMU, from its greeting. */
public record QmpVersion(int major, int minor, int micro) {
  static QmpVersion of(JsonNode greeting) {
    JsonNode version = greeting.path("version").path("qemu");
    return new QmpVersion(
        version.path("major").asInt(),
        version.path("minor").asInt(),
        version.path("micro").asInt());
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + micro;
  }
}
