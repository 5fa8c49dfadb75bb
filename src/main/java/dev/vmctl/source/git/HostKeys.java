package dev.vmctl.source.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.jspecify.annotations.Nullable;

/**
 * The host keys of a {@code known_hosts} file: what is not in it is not trusted, and nothing is
 * ever added to it.
 */
final class HostKeys implements ServerKeyDatabase {
  private static final int SSH_PORT = 22;
  private static final String REVOKED = "revoked";

  private final Path file;

  /** What was wrong with the key that was refused last; empty when none was. */
  private volatile String refusal = "";

  HostKeys(Path file) {
    this.file = file;
  }

  String refusal() {
    return refusal;
  }

  @Override
  public List<PublicKey> lookup(
      String connectAddress, InetSocketAddress remoteAddress, Configuration config) {
    return keys(connectAddress, "");
  }

  @Override
  public boolean accept(
      String connectAddress,
      InetSocketAddress remoteAddress,
      PublicKey serverKey,
      Configuration config,
      @Nullable CredentialsProvider provider) {
    String shown = KeyUtils.getKeyType(serverKey) + " " + KeyUtils.getFingerPrint(serverKey);
    if (contains(keys(connectAddress, REVOKED), serverKey)) {
      refusal = "the host key of " + connectAddress + ", " + shown + ", is revoked in " + file;
      return false;
    }
    List<PublicKey> known = keys(connectAddress, "");
    if (contains(known, serverKey)) {
      refusal = "";
      return true;
    }
    refusal =
        "the host key of "
            + connectAddress
            + ", "
            + shown
            + (known.isEmpty() ? ", is not in " : ", is another than in ")
            + file
            + (known.isEmpty() ? "; check it, then add it there" : "; is that the right host?");
    return false;
  }

  private static boolean contains(List<PublicKey> keys, PublicKey key) {
    return keys.stream().anyMatch(each -> KeyUtils.compareKeys(each, key));
  }

  private List<PublicKey> keys(String address, String marker) {
    int colon = address.lastIndexOf(':');
    boolean hasPort = colon > 0 && address.substring(colon + 1).matches("[0-9]+");
    String host = hasPort ? address.substring(0, colon) : address;
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    int port = hasPort ? Integer.parseInt(address.substring(colon + 1)) : SSH_PORT;
    List<PublicKey> keys = new ArrayList<>();
    try {
      if (!Files.exists(file)) {
        return keys;
      }
      for (KnownHostEntry entry : KnownHostEntry.readKnownHostEntries(file)) {
        String found = entry.getMarker() == null ? "" : entry.getMarker();
        AuthorizedKeyEntry key = entry.getKeyEntry();
        if (found.equals(marker) && key != null && entry.isHostMatch(bare, port)) {
          keys.add(key.resolvePublicKey(null, PublicKeyEntryResolver.IGNORING));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key in " + file + " cannot be read", e);
    }
    keys.removeIf(key -> key == null);
    return keys;
  }
}
