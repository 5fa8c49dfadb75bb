package dev.vmctl.api;

import java.nio.file.Path;
import java.util.List;

/**
 * How to reach a VM's SSH, for our own client and for the system's.
 *
 * @param keys private key files that exist, in the order to try
 * @param knownHosts file with the pinned host key, under {@code hostKeyAlias}
 * @param strict whether an unknown host key is refused (else it is pinned at first use)
 */
public record SshAccess(
    String host,
    int port,
    String user,
    List<Path> keys,
    Path knownHosts,
    String hostKeyAlias,
    boolean strict) {
  public SshAccess {
    keys = List.copyOf(keys);
  }
}
