package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A directory of the host that the guest sees.
 *
 * @param host absolute
 * @param guest where the guest mounts it; absolute
 * @param readOnly whether the guest may not change it
 */
public record ShareSpec(Path host, String guest, boolean readOnly, Via via) {
  /** The most a VM can have: one place on its bus each. */
  public static final int MOST = 6;

  /** How the directory gets into the guest. */
  public enum Via implements Worded {
    /** virtiofs where the host can, else 9p where the guest can, else SFTP. */
    AUTO("auto"),
    /** A virtiofsd beside the VM. Needs root on the host. */
    VIRTIOFS("virtiofs"),
    /** QEMU serves it itself. Needs a guest whose kernel has 9p. */
    PLAN9("9p"),
    /** A server of this host that the guest reaches over its SSH. Needs sshfs in the guest. */
    SFTP("sftp");

    private final String text;

    Via(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public ShareSpec {
    Objects.requireNonNull(host);
    Objects.requireNonNull(via);
    if (!guest.startsWith("/")) {
      throw new IllegalArgumentException("not an absolute path: " + guest);
    }
  }

  /** Short form for tables and plans. */
  public String text() {
    return host
        + " at "
        + guest
        + (readOnly ? " read-only" : "")
        + (via == Via.AUTO ? "" : " via " + via.text());
  }
}
