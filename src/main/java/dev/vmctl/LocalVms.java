package dev.vmctl;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.Changes;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.guest.RemoteExit;
import dev.vmctl.guest.SshConnection;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.ThisHost;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.VmFileSource;
import dev.vmctl.vmfile.DiagnosticRenderer;
import dev.vmctl.vmfile.VmFileReader;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * VMs for a program of its own: the usual calls, each waiting for its end. What else there is, is
 * asked of {@link #api}.
 *
 * <p>It is the engine of {@code vmctl} itself, in this process, so nobody heals the VMs when it is
 * closed, and they run on. The data directory may be shared with commands, but not with a daemon.
 */
public final class LocalVms implements AutoCloseable {
  private static final Duration LOCKS = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration LOGIN = Duration.ofSeconds(30);

  private final VmctlEngine engine;
  private final ExecutorService threads;
  private final SshGuests guests;
  private final Map<VmName, Declaration> declared = new ConcurrentHashMap<>();

  private LocalVms(VmctlEngine engine) {
    this.engine = engine;
    threads = Executors.newVirtualThreadPerTaskExecutor();
    guests = new SshGuests(threads, Clock.systemUTC(), ThisHost.processes(), ThisHost.facts());
  }

  /**
   * @param dataDirectory where the VMs are kept; made when it is not there
   * @throws VmException store.locked while a daemon has it; io when it cannot be used
   */
  public static LocalVms open(Path dataDirectory) {
    return new LocalVms(VmctlEngine.open(EngineOptions.command(dataDirectory, LOCKS)));
  }

  /** Everything that can be asked of vmctl. Ends with this. */
  public Vmctl api() {
    return engine.api();
  }

  /**
   * Makes what a VMFile declares true, and waits until its VMs are ready.
   *
   * @param timeout for all of them
   * @return its VMs, by name
   * @throws VmException vmfile.validation, its message what is wrong where; vm.invalid_state saying
   *     why a VM will not get there; timeout
   */
  public Set<VmName> up(Path vmFile, Duration timeout) throws InterruptedException {
    Snapshot file = read(vmFile);
    file.declarations().forEach(each -> declared.put(each.name(), each));
    api()
        .apply(
            new ApplyRequest(
                file.source(),
                file.declarations(),
                Set.of(),
                false,
                false,
                ApplyRequest.Provisioning.AS_NEEDED));
    Set<VmName> names = new TreeSet<>();
    file.declarations().forEach(each -> names.add(each.name()));
    await(names, "ready", timeout);
    return names;
  }

  /**
   * Runs a command in a guest by its user's login shell, over SSH with the pinned host key.
   *
   * @param out takes what it writes to both its outputs; not closed
   * @throws VmException vm.not_found unless {@link #up} declared it; vm.invalid_state when it does
   *     not run; ssh.failed, ssh.auth_failed, ssh.host_key_changed
   */
  public RemoteExit run(VmName vm, String command, OutputStream out) throws InterruptedException {
    Declaration declaration = declared.get(vm);
    if (declaration == null) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND, "no VMFile was brought up that declares " + vm, "call up first");
    }
    SshAccess access = api().ssh(vm);
    Path directory =
        Path.of(Objects.requireNonNull(api().status(vm).paths().get("directory"), "directory"));
    SshTarget target =
        SshTarget.of(declaration.spec(), access.host(), access.port(), directory, LOGIN);
    try (SshConnection connection = guests.connect(target)) {
      return connection.exec(command, null, out, out);
    }
  }

  /**
   * Stops a VM and removes it; its disk goes to the trash.
   *
   * @throws VmException vm.not_found; timeout
   */
  public void destroy(VmName vm, Duration timeout) throws InterruptedException {
    api().destroy(vm, false);
    await(Set.of(vm), "gone", timeout);
  }

  private void await(Set<VmName> names, String goal, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    Map<String, VmStatus> open = new TreeMap<>();
    long version = 0;
    do {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Changes changes = api().changes(names, version, LOOK);
      version = changes.version();
      changes.vms().forEach(vm -> open.put(vm.summary().name(), vm));
      changes.gone().forEach(open::remove);
      if (goal.equals("ready")) {
        open.values().removeIf(LocalVms::isReady);
      }
      if (open.isEmpty()) {
        return;
      }
    } while (System.nanoTime() < end);
    VmStatus first = open.values().iterator().next();
    throw new VmException(
        ErrorCode.TIMEOUT,
        first.summary().name() + " is not " + goal + " after " + timeout + ": " + first.activity(),
        "it may still get there: ask for its status");
  }

  /**
   * @throws VmException vm.invalid_state when it never will be, as things stand
   */
  private static boolean isReady(VmStatus vm) {
    VmStatus.Failure failure = vm.failure();
    if (vm.settled() && failure != null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          vm.summary().name() + ": " + failure.message() + " [" + failure.code() + "]",
          failure.help());
    }
    return vm.settled() && vm.summary().ready();
  }

  private static Snapshot read(Path vmFile) {
    Path file = vmFile.toAbsolutePath().normalize();
    HostFacts facts = ThisHost.facts();
    VmFileReader reader = new VmFileReader(facts.home()).onHost(facts.hostName());
    Snapshot snapshot = new VmFileSource(file, reader, Clock.systemUTC()).read();
    List<Diagnostic> errors = snapshot.diagnostics().stream().filter(Diagnostic::isError).toList();
    if (!errors.isEmpty() || snapshot.trust() != Snapshot.Trust.COMPLETE) {
      throw new VmException(
          ErrorCode.VMFILE_VALIDATION,
          errors.isEmpty()
              ? snapshot.why()
              : new DiagnosticRenderer(Path.of("").toAbsolutePath(), false).render(errors),
          "nothing was changed");
    }
    return snapshot;
  }

  /** Ends the engine; the VMs run on. */
  @Override
  public void close() {
    try (threads) {
      guests.close();
    } finally {
      engine.close();
    }
  }
}
