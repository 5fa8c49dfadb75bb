package dev.vmctl.guest;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec.Via;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Mounts shared directories in a guest. Idempotent: what is mounted is left alone. */
final class ShareMounts {
  /** Reads tag, type, options and place, a line each, and becomes root if need be. */
  private static final String MOUNT =
      "IFS= read -r tag; IFS= read -r type; IFS= read -r options; IFS= read -r at; "
          + "grep -q \"^$tag \" /proc/mounts && exit 0; "
          + "s=; [ \"$(id -u)\" = 0 ] || s=\"sudo -n\"; "
          + "$s mkdir -p \"$at\" && $s mount -t \"$type\" -o \"$options\" \"$tag\" \"$at\"";

  private ShareMounts() {}

  /**
   * The same as a command of cloud-init, which runs at each boot: before SSH, and after a reboot
   * that nobody outside saw.
   */
  static List<List<String>> bootCommands(List<String> places, List<Boolean> readOnly) {
    List<List<String>> commands = new ArrayList<>();
    for (int number = 0; number < places.size(); number++) {
      String options = readOnly.get(number) ? "ro" : "rw";
      commands.add(
          List.of(
              "sh",
              "-c",
              "grep -q \"^$1 \" /proc/mounts || { mkdir -p \"$2\"; "
                  + "mount -t virtiofs -o \"$3\" \"$1\" \"$2\" || "
                  + "mount -t 9p -o \"trans=virtio,version=9p2000.L,$3\" \"$1\" \"$2\"; } "
                  + "2>/dev/null || true",
              "sh",
              ShareFacts.tag(number),
              places.get(number),
              options));
    }
    return commands;
  }

  /**
   * @throws VmException share.failed with the guest's own words
   */
  static void mount(SshConnection connection, SshTarget target, List<ShareFacts> shares)
      throws InterruptedException {
    for (ShareFacts share : shares) {
      byte[] input =
          (share.tag() + "\n" + type(share) + "\n" + options(share) + "\n" + share.guest() + "\n")
              .getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      RemoteExit exit =
          connection.exec(
              "exec /bin/sh -c '" + MOUNT + "'", new ByteArrayInputStream(input), said, said);
      if (!exit.succeeded()) {
        throw new VmException(
            ErrorCode.SHARE_FAILED,
            target.name()
                + " cannot mount "
                + share.host()
                + " at "
                + share.guest()
                + " by "
                + share.via().text()
                + ": "
                + OutputTail.printable(said.toString(StandardCharsets.UTF_8).strip()),
            share.via() == Via.PLAN9
                ? "the guest's kernel needs 9p (Debian's cloud kernel has none); where vmctl runs as root it uses virtiofs"
                : "the guest's kernel needs virtiofs (Linux 5.4 or newer), its user sudo without password");
      }
    }
  }

  private static String type(ShareFacts share) {
    return share.via() == Via.PLAN9 ? "9p" : "virtiofs";
  }

  private static String options(ShareFacts share) {
    String access = share.readOnly() ? "ro" : "rw";
    return share.via() == Via.PLAN9 ? "trans=virtio,version=9p2000.L," + access : access;
  }
}
