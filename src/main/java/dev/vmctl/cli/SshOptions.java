package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.guest.OpenSshSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What OpenSSH's programs are told so that they reach a VM: its keys, and its pinned host key. */
final class SshOptions {
  private final SshAccess access;
  private final @Nullable String otherUser;
  private final @Nullable Path firstKey;

  /**
   * @param otherUser instead of the VMFile's
   * @param firstKey to try before the VM's keys; absolute
   */
  SshOptions(SshAccess access, @Nullable String otherUser, @Nullable Path firstKey) {
    this.access = access;
    this.otherUser = otherUser;
    this.firstKey = firstKey;
  }

  String user() {
    return otherUser == null ? access.user() : otherUser;
  }

  /** As {@code -o} options, without the port and the user. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    keys().forEach(key -> option(arguments, "IdentityFile", OpenSshSettings.quoted(key)));
    settings().forEach((name, value) -> option(arguments, name, value));
    return arguments;
  }

  /** As a section of an {@code ssh_config} file. */
  String section(String host) {
    StringBuilder text = new StringBuilder("Host " + host + "\n");
    line(text, "HostName", access.host());
    line(text, "Port", Integer.toString(access.port()));
    line(text, "User", user());
    keys().forEach(key -> line(text, "IdentityFile", OpenSshSettings.quoted(key)));
    settings().forEach((name, value) -> line(text, name, value));
    return text.toString();
  }

  private List<Path> keys() {
    List<Path> keys = new ArrayList<>(access.keys());
    if (firstKey != null) {
      keys.addFirst(firstKey);
    }
    return keys;
  }

  private Map<String, String> settings() {
    return OpenSshSettings.of(access.knownHosts(), access.hostKeyAlias(), access.strict());
  }

  private static void option(List<String> arguments, String name, String value) {
    arguments.addAll(List.of("-o", name + "=" + value));
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(' ').append(value).append('\n');
  }
}
