package dev.vmctl.guest;

import dev.vmctl.host.Log;
import java.security.PublicKey;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.jspecify.annotations.Nullable;

/** Decides, for one connection, whether the server is the guest it should be. */
final class HostKeyCheck {
  private static final System.Logger LOG = Log.of(HostKeyCheck.class);

  /** known_hosts knows ports; an alias stands for the default one. */
  private static final int ANY_PORT = 22;

  private final SshTarget target;
  private final KnownHosts knownHosts;
  private volatile @Nullable String refused;

  HostKeyCheck(SshTarget target) {
    this.target = target;
    this.knownHosts =
        new KnownHosts(target.vmDirectory().resolve(Guests.KNOWN_HOSTS), target.hostKeyAlias());
  }

  /** The fingerprint of the key that was refused; null if none was. */
  @Nullable String refused() {
    return refused;
  }

  boolean accepts(PublicKey offered) {
    boolean anyPinned = false;
    for (String line : knownHosts.lines()) {
      KnownHostEntry entry = entry(line);
      if (entry == null || !entry.isHostMatch(target.hostKeyAlias(), ANY_PORT)) {
        continue;
      }
      anyPinned = true;
      if (isKey(entry, offered)) {
        return true;
      }
    }
    if (anyPinned || !target.trustFirst()) {
      refused = KeyUtils.getFingerPrint(offered);
      return false;
    }
    knownHosts.pin(PublicKeyEntry.toString(offered));
    LOG.log(
        System.Logger.Level.INFO,
        "pinned the host key of {0} at first use, as its raw user-data hands none in: {1}",
        target.name(),
        KeyUtils.getFingerPrint(offered));
    return true;
  }

  /** Null for comments, for what is no entry, and for keys marked as revoked or as authorities. */
  private static @Nullable KnownHostEntry entry(String line) {
    if (line.isBlank() || line.startsWith("#") || line.startsWith("@")) {
      return null;
    }
    try {
      return KnownHostEntry.parseKnownHostEntry(line);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a line of known_hosts is not readable", e);
      return null;
    }
  }

  private static boolean isKey(KnownHostEntry entry, PublicKey offered) {
    AuthorizedKeyEntry pinned = entry.getKeyEntry();
    return pinned != null && isSame(pinned, offered);
  }

  private static boolean isSame(AuthorizedKeyEntry pinned, PublicKey offered) {
    String[] text = PublicKeyEntry.toString(offered).split(" ", 3);
    byte[] blob = java.util.Base64.getDecoder().decode(text[1]);
    return text[0].equals(pinned.getKeyType())
        && java.util.Arrays.equals(blob, pinned.getKeyData());
  }
}
