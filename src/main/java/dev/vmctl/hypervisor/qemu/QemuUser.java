package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom a QEMU becomes that root starts, before its guest runs. */
final class QemuUser {
  /** Names another than the usual one; {@code root} for root to stay. */
  static final String VARIABLE = "VMCTL_QEMU_USER";

  /** The package makes it. */
  static final String USUAL = "vmctl";

  private static final String ROOT = "root";

  private final @Nullable String declared;
  private final HostFacts facts;

  /**
   * @param declared null where nobody has said a name
   */
  QemuUser(@Nullable String declared, HostFacts facts) {
    this.declared = declared;
    this.facts = facts;
  }

  /**
   * Null for nobody else than we are.
   *
   * @throws VmException qemu.spawn_failed when the one that was named does not exist
   */
  @Nullable String name() {
    if (facts.userId() != 0 || ROOT.equals(declared)) {
      return null;
    }
    if (declared == null) {
      return exists(USUAL) ? USUAL : null;
    }
    if (!exists(declared)) {
      throw new VmException(
          ErrorCode.QEMU_SPAWN_FAILED,
          VARIABLE + " names the user '" + declared + "', whom this host does not have",
          make(declared) + "; or correct the variable");
    }
    return declared;
  }

  private static String make(String name) {
    return "make it: useradd --system --shell /usr/sbin/nologin " + name;
  }

  private static boolean exists(String name) {
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
      return true;
    } catch (UserPrincipalNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          "cannot tell whether there is a user '" + name + "': " + e.getMessage(),
          "see /etc/passwd and /etc/nsswitch.conf",
          e);
    }
  }

  /** Empty where we are not root: a QEMU can only be what we are. */
  List<Finding> examine() {
    if (facts.userId() != 0) {
      return List.of();
    }
    String check = "qemu user";
    try {
      String name = name();
      return List.of(
          name == null
              ? Finding.warn(
                  check,
                  "QEMU runs as root: a guest that breaks out of it is root here",
                  ROOT.equals(declared) ? "unset " + VARIABLE : make(USUAL))
              : Finding.ok(check, "QEMU gives up root and runs as " + name));
    } catch (VmException e) {
      return List.of(Finding.fail(check, e.getMessage(), e.help()));
    }
  }
}
