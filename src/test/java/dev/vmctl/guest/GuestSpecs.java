package dev.vmctl.guest;

import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import org.jspecify.annotations.Nullable;

/** Specs with only what a guest sees of them. */
final class GuestSpecs {
  private GuestSpecs() {}

  static VmSpec named(String name) {
    return with(name, null, null);
  }

  static VmSpec with(String name, @Nullable CloudInitSpec cloudInit, @Nullable SshSpec ssh) {
    FieldValues values = new FieldValues();
    if (cloudInit != null) {
      put(values, VmFields.CLOUD_INIT_HOSTNAME, cloudInit.hostname());
      put(values, VmFields.CLOUD_INIT_SSH_KEY, cloudInit.sshKey());
      put(values, VmFields.CLOUD_INIT_USER_DATA, cloudInit.userData());
    }
    if (ssh != null) {
      put(values, VmFields.SSH_USER, ssh.user());
      put(values, VmFields.SSH_PRIVATE_KEY, ssh.privateKey());
    }
    return VmSpec.of(new VmName(name), values);
  }

  private static <T> void put(FieldValues values, Field<T> field, @Nullable T value) {
    if (value != null) {
      values.put(field, value);
    }
  }
}
