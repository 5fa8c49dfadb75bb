package dev.vmctl.guest;

import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Specs with only what a guest sees of them. */
final class GuestSpecs {
  private GuestSpecs() {}

  static VmSpec named(String name) {
    return with(name, null, null);
  }

  static VmSpec with(String name, @Nullable CloudInitSpec cloudInit, @Nullable SshSpec ssh) {
    return new VmSpec(
        new VmName(name),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        cloudInit,
        ssh,
        List.of());
  }
}
