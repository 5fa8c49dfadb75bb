package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How a directory is shared with a guest that runs.
 *
 * @param tag what the guest mounts it by
 * @param host absolute
 * @param guest where the guest has it
 * @param via never {@link ShareSpec.Via#AUTO}
 */
public record ShareFacts(String tag, Path host, String guest, boolean readOnly, ShareSpec.Via via) {
  public ShareFacts {
    Objects.requireNonNull(tag);
    Objects.requireNonNull(host);
    Objects.requireNonNull(guest);
    if (via == ShareSpec.Via.AUTO) {
      throw new IllegalArgumentException("auto is not a fact");
    }
  }

  /**
   * What the program that serves a share by {@link ShareSpec.Via#SFTP} talks through, and is known
   * by.
   *
   * @param directory the VM's
   */
  public static Path pipe(Path directory, String tag) {
    return directory.resolve(tag + ".pipe");
  }

  /**
   * What the programs that serve a VM's shares say, one after another.
   *
   * @param directory the VM's
   */
  public static Path log(Path directory) {
    return directory.resolve("shares.log");
  }

  /** The same directory by another way. */
  public ShareFacts by(ShareSpec.Via other) {
    return new ShareFacts(tag, host, guest, readOnly, other);
  }

  /** The tag of a VM's share, counted from 0 in the order they are declared. */
  public static String tag(int number) {
    return "vmctl" + number;
  }
}
