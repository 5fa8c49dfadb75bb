package dev.vmctl.store;

import dev.vmctl.model.VmName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where everything is. The layout is public: people look into it.
 *
 * @param root absolute
 */
public record DataDirectory(Path root) {
  /**
   * Longest path of a unix socket, bytes, with room for the terminating NUL (sockaddr_un has 108).
   */
  private static final int LONGEST_SOCKET_PATH = 100;

  /** Longest name of a socket in the run directory: 8 digits, a dot, a suffix. */
  private static final int LONGEST_SOCKET_NAME = 24;

  public DataDirectory {
    Objects.requireNonNull(root);
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("relative data directory " + root);
    }
  }

  public Path vms() {
    return root.resolve("vms");
  }

  public Path vm(VmName name) {
    return vms().resolve(name.value());
  }

  public Path record(VmName name) {
    return vm(name).resolve("vm.json");
  }

  /** The record of a VM that was released: its files are not vmctl's any more. */
  public Path released(VmName name) {
    return vm(name).resolve("released.json");
  }

  /** Where the original vmctl has its VMs. */
  public Path original() {
    return root.resolve("vms.json");
  }

  /** What the VM should have been before. */
  public Path history(VmName name) {
    return vm(name).resolve("history");
  }

  public Path images() {
    return root.resolve("images");
  }

  public Path trash() {
    return root.resolve("trash");
  }

  /** What was fetched of remote sources. */
  public Path remoteSources() {
    return root.resolve("sources");
  }

  public Path events() {
    return root.resolve("events.jsonl");
  }

  public Path engineLock() {
    return root.resolve("engine.lock");
  }

  /** Held by a daemon from its first moment, also while it waits for commands to end. */
  public Path daemonLock() {
    return root.resolve("daemon.lock");
  }

  public Path storeLock() {
    return root.resolve("store.lock");
  }

  public Path vmLock(VmName name) {
    return root.resolve("locks").resolve(name.value() + ".lock");
  }

  /** Which directories the watched sources are. */
  public Path sources() {
    return root.resolve("sources.json");
  }

  /** The sources that were added by commands. */
  public Path addedSources() {
    return root.resolve("added-sources.json");
  }

  /** There while the host is cordoned off. */
  public Path cordon() {
    return root.resolve("cordon.json");
  }

  /** The daemon's API. */
  public Path socket() {
    return root.resolve("vmctl.sock");
  }

  /**
   * Where sockets go: {@code run} here, or, when their paths would be too long, a directory below
   * {@code shortBase}.
   */
  public Path run(Path shortBase) {
    Path here = root.resolve("run");
    int length = here.toString().getBytes(StandardCharsets.UTF_8).length;
    return length + 1 + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH
        ? here
        : shortBase.resolve(Integer.toHexString(root.toString().hashCode()));
  }
}
