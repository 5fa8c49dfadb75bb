package dev.vmctl;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ThisHost;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.FileVmStore;
import dev.vmctl.store.OriginalVms;
import dev.vmctl.store.VmStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Looks at all that vmctl stands on, and says what is wrong and how to mend it. Mends nothing. */
public final class Doctor {
  private static final long GIB = 1L << 30;
  private static final long LITTLE_SPACE = 5 * GIB;
  private static final long NO_SPACE = GIB / 2;
  private static final int FEW_FILES = 1024;

  private final DataDirectory data;
  private final VmStore store;
  private final HostFacts facts;
  private final HypervisorRouter hypervisors;

  private Doctor(DataDirectory data, VmStore store, HostFacts facts, HypervisorRouter hypervisors) {
    this.data = data;
    this.store = store;
    this.facts = facts;
    this.hypervisors = hypervisors;
  }

  /**
   * All findings, in the order in which they matter. Takes a few seconds.
   *
   * @param dataDirectory absolute; need not exist
   */
  public static List<Finding> examine(Path dataDirectory) {
    HostFacts facts = ThisHost.facts();
    DataDirectory data = new DataDirectory(dataDirectory);
    // What is found out is kept there, where that is possible.
    Path host =
        Files.isWritable(dataDirectory)
            ? dataDirectory.resolve("host")
            : facts.runtimeDirectory().resolve("doctor");
    HostProcesses processes = ThisHost.processes();
    FileVmStore store =
        new FileVmStore(data, ThisHost.locks(processes), FileVmStore.Sharing.SHARED);
    Clock clock = Clock.systemUTC();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        SshGuests guests = new SshGuests(threads, clock, processes, facts);
        HypervisorRouter hypervisors =
            HostHypervisors.of(processes, facts, clock, host, guests, store)) {
      return new Doctor(data, store, facts, hypervisors).all();
    }
  }

  private List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.ok("jdk", Runtime.version() + ", " + System.getProperty("java.vendor", "")));
    findings.add(openFiles());
    findings.addAll(hypervisors.examine());
    findings.add(ssh());
    findings.add(directory());
    findings.add(space());
    findings.addAll(records());
    findings.addAll(original());
    findings.add(daemon());
    return findings;
  }

  private static Finding openFiles() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Finding.warn("open files", "the limit is not known", "ulimit -n shows it");
    }
    long most = unix.getMaxFileDescriptorCount();
    return most < FEW_FILES
        ? Finding.warn("open files", "only " + most + " are allowed", "ulimit -n 4096")
        : Finding.ok("open files", most + " are allowed");
  }

  private Finding ssh() {
    return facts
        .findProgram("ssh")
        .map(path -> Finding.ok("ssh", path.toString()))
        .orElseGet(
            () ->
                Finding.warn(
                    "ssh",
                    "not installed: 'vmctl ssh' does not work; provisioning does",
                    "apt-get install openssh-client"));
  }

  private Finding directory() {
    String check = "data directory";
    Path root = data.root();
    if (!Files.exists(root)) {
      return Finding.ok(check, root + " will be made by the first command");
    }
    try {
      Premises.refuseAnothers(root);
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(root);
      if (!Files.isWritable(root)) {
        return Finding.fail(
            check, root + " cannot be written to", "make it writable, or name another: --data-dir");
      }
      // A QEMU that has given up root may be let pass to what is plugged into it.
      Set<PosixFilePermission> open = EnumSet.copyOf(permissions);
      open.removeAll(PosixFilePermissions.fromString("rwx--x---"));
      return open.isEmpty()
          ? Finding.ok(check, root.toString())
          : Finding.warn(
              check,
              root + " is open to others: " + PosixFilePermissions.toString(permissions),
              "chmod 700 " + root);
    } catch (VmException e) {
      return Finding.fail(check, e.getMessage(), e.help());
    } catch (IOException e) {
      return Finding.fail(
          check, root + " cannot be looked at: " + e.getMessage(), "check its permissions");
    }
  }

  private Finding space() {
    long free = facts.freeDiskBytes(data.root());
    String message = "%.1f GiB free for disks".formatted((double) free / GIB);
    String help = "free some, or move the data directory: --data-dir";
    if (free < NO_SPACE) {
      return Finding.fail("free space", message, help);
    }
    return free < LITTLE_SPACE
        ? Finding.warn("free space", message, help)
        : Finding.ok("free space", message);
  }

  private List<Finding> records() {
    List<Finding> findings = new ArrayList<>();
    int readable = 0;
    for (VmName name : store.names()) {
      try {
        store.read(name);
        readable++;
        exposed(name, findings);
      } catch (VmException e) {
        findings.add(Finding.fail("vm " + name, e.getMessage(), e.help()));
      }
    }
    findings.addFirst(Finding.ok("vms", readable + " with a readable record"));
    return findings;
  }

  /** Records, keys and seeds are for their owner alone; logs have the directory's protection. */
  private void exposed(VmName name, List<Finding> findings) {
    try (Stream<Path> files = Files.list(data.vm(name))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            || file.getFileName().toString().matches(".*\\.(pub|log).*")) {
          continue;
        }
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        if (!permissions.endsWith("------")) {
          findings.add(
              Finding.warn(
                  "vm " + name, file + " is open to others: " + permissions, "chmod 600 " + file));
        }
      }
    } catch (IOException e) {
      findings.add(
          Finding.warn("vm " + name, "cannot be listed: " + e.getMessage(), "check permissions"));
    }
  }

  private List<Finding> original() {
    if (!Files.exists(data.original())) {
      return List.of();
    }
    String check = "original vmctl";
    try {
      List<String> names = new ArrayList<>(OriginalVms.in(data).names());
      store.names().forEach(name -> names.remove(name.value()));
      return names.isEmpty()
          ? List.of(Finding.ok(check, "all of its VMs are adopted"))
          : List.of(
              Finding.warn(
                  check,
                  data.original() + " has VMs that are not adopted: " + String.join(", ", names),
                  "vmctl adopt --original --all; until then nothing of them is touched"));
    } catch (VmException e) {
      return List.of(Finding.warn(check, e.getMessage(), e.help()));
    }
  }

  private Finding daemon() {
    DaemonClient client = new DaemonClient(HttpApi.socket(data.root()));
    if (!client.isAnswered()) {
      return Finding.warn(
          "daemon",
          "none runs: nobody brings VMs back when they fail, or follows edits",
          "vmctl daemon --watch DIRECTORY");
    }
    try {
      ServerInfo info = client.info();
      String who = "vmctl " + info.version() + ", process " + info.pid();
      if (!info.version().equals(Version.CURRENT)) {
        return Finding.fail(
            "daemon",
            who + "; this is " + Version.CURRENT,
            "restart the daemon, so that both are the same; no VM stops for that");
      }
      return info.ready()
          ? Finding.ok("daemon", who)
          : Finding.warn(
              "daemon",
              who + ", is not ready",
              "it waits for a command to end, or for a source that cannot be read: see its log");
    } catch (VmException e) {
      return Finding.fail("daemon", e.getMessage(), e.help());
    }
  }
}
