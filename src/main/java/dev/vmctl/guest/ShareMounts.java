package dev.vmctl.guest;

import dev.vmctl.host.HostProcess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec.Via;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Mounts shared directories in a guest. Idempotent: what is mounted is left alone. */
final class ShareMounts {
  /** Reads tag, type, options and place, a line each, and becomes root if need be. */
  private static final String MOUNT =
      "IFS= read -r tag; IFS= read -r type; IFS= read -r options; IFS= read -r at; "
          + "grep -q \"^$tag \" /proc/mounts && exit 0; "
          + "s=; [ \"$(id -u)\" = 0 ] || s=\"sudo -n\"; "
          + "$s mkdir -p \"$at\" && $s mount -t \"$type\" -o \"$options\" \"$tag\" \"$at\"";

  private final SshConnection connection;
  private final SshTarget target;
  private final SftpShares sftp;

  ShareMounts(SshConnection connection, SshTarget target, SftpShares sftp) {
    this.connection = connection;
    this.target = target;
    this.sftp = sftp;
  }

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
   * @return the same, by the ways that were taken
   * @throws VmException share.failed with the guest's own words
   */
  List<ShareFacts> mount(GuestShares shares) throws InterruptedException {
    List<ShareFacts> used = new ArrayList<>();
    for (ShareFacts share : shares.facts()) {
      used.add(mount(share, shares));
    }
    return used;
  }

  private ShareFacts mount(ShareFacts share, GuestShares shares) throws InterruptedException {
    HostProcess machine = Objects.requireNonNull(shares.machine());
    if (share.via() == Via.SFTP) {
      sftp.mount(connection, target, share, machine);
      return share;
    }
    VmException refused = mountDevice(share);
    if (refused == null) {
      return share;
    }
    if (share.via() != Via.PLAN9 || !shares.mayGoAnotherWay(share)) {
      throw refused;
    }
    try {
      ShareFacts other = share.by(Via.SFTP);
      sftp.mount(connection, target, other, machine);
      return other;
    } catch (VmException also) {
      throw new VmException(
          ErrorCode.SHARE_FAILED, refused.getMessage() + "; and " + also.getMessage(), also.help());
    }
  }

  /**
   * @return why the guest cannot; null when it is mounted
   */
  private @Nullable VmException mountDevice(ShareFacts share) throws InterruptedException {
    byte[] input =
        (share.tag() + "\n" + type(share) + "\n" + options(share) + "\n" + share.guest() + "\n")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    RemoteExit exit =
        connection.exec(
            "exec /bin/sh -c '" + MOUNT + "'", new ByteArrayInputStream(input), said, said);
    return exit.succeeded()
        ? null
        : new VmException(
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
                ? "the guest's kernel needs 9p (Debian's cloud kernel has none); via=\"sftp\" needs sshfs there, virtiofs needs vmctl to run as root"
                : "the guest's kernel needs virtiofs (Linux 5.4 or newer), its user sudo without password");
  }

  private static String type(ShareFacts share) {
    return share.via() == Via.PLAN9 ? "9p" : "virtiofs";
  }

  private static String options(ShareFacts share) {
    String access = share.readOnly() ? "ro" : "rw";
    return share.via() == Via.PLAN9 ? "trans=virtio,version=9p2000.L," + access : access;
  }
}
