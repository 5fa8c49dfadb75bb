package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.Changes;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.FakeVmctl;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.ProgramView;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** VMs in memory whose future is written down beforehand. */
final class ScriptedVmctl extends FakeVmctl {
  final List<VmEvent> events = new ArrayList<>();
  final List<TrashView> trash = new ArrayList<>();
  boolean daemon = true;
  PlanView plan = new PlanView(List.of());
  ApplyResult applyResult = new ApplyResult(List.of(), List.of(), List.of());
  @Nullable SshAccess ssh;
  @Nullable EventQuery askedEvents;
  ProgramView.@Nullable End programEnd;
  long sinceOffset;
  private final Map<String, VmStatus> vms = new TreeMap<>();
  private final Deque<Runnable> future = new ArrayDeque<>();
  private final Map<String, ByteArrayOutputStream> logs = new HashMap<>();
  private List<String> gone = List.of();
  private long version;
  private volatile boolean closed;

  ScriptedVmctl opened() {
    closed = false;
    return this;
  }

  /** A VM that is there from the start. */
  void add(VmStatus vm) {
    vms.put(vm.summary().name(), vm);
  }

  /** What comes next, seen by whoever asks for changes after the first look. */
  void then(VmStatus... changed) {
    future.add(
        () -> {
          for (VmStatus vm : changed) {
            add(vm);
          }
        });
  }

  /** The removal of a VM comes next. */
  void thenGone(String name) {
    future.add(
        () -> {
          vms.remove(name);
          gone = List.of(name);
        });
  }

  /** More of a log comes next. */
  void thenLog(String vm, LogKind kind, String text) {
    future.add(() -> write(vm, kind, text));
  }

  synchronized void write(String vm, LogKind kind, String text) {
    logs.computeIfAbsent(vm + "/" + kind.text(), each -> new ByteArrayOutputStream())
        .writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public ServerInfo info() {
    return new ServerInfo("0.1.0", 1, daemon, true, Path.of("/data"), List.of());
  }

  @Override
  public List<VmSummary> list() {
    return vms.values().stream().map(VmStatus::summary).toList();
  }

  @Override
  public VmStatus status(VmName name) {
    VmStatus vm = vms.get(name.value());
    if (vm == null) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND, "there is no VM '" + name + "'", "did you mean 'web'?");
    }
    return vm;
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    super.plan(request);
    return plan;
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    super.apply(request);
    return applyResult;
  }

  @Override
  protected void command(String what, VmName name) {
    status(name);
    super.command(what, name);
  }

  @Override
  public synchronized Changes changes(Set<VmName> names, long since, Duration wait) {
    if (since > 0) {
      Runnable next = future.poll();
      if (next == null && wait.compareTo(Duration.ofSeconds(1)) <= 0) {
        return new Changes(version, List.of(), List.of()); // Who waits so shortly looks at a clock.
      }
      if (next == null) {
        throw new AssertionError("waits for something that never comes");
      }
      next.run();
    }
    version++;
    List<VmStatus> current =
        vms.values().stream()
            .filter(vm -> names.isEmpty() || names.contains(new VmName(vm.summary().name())))
            .toList();
    return new Changes(version, current, gone, since == 0);
  }

  @Override
  public EventPage events(EventQuery query) {
    askedEvents = query;
    return new EventPage(events, events.size());
  }

  /** Those that a test has added since; then its command is interrupted. */
  @Override
  public EventPage eventsAfter(long place, Duration wait) {
    Runnable next = future.poll();
    if (next == null) {
      Thread.currentThread().interrupt();
    } else {
      next.run();
    }
    return new EventPage(events.subList(Math.toIntExact(place), events.size()), events.size());
  }

  /** Something happens next. */
  void thenEvent(VmEvent event) {
    future.add(() -> events.add(event));
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    if (closed) {
      throw new VmException(ErrorCode.DAEMON_UNREACHABLE, "closed", "");
    }
    byte[] all;
    synchronized (this) {
      ByteArrayOutputStream log = logs.get(name + "/" + kind.text());
      all = log == null ? new byte[0] : log.toByteArray();
    }
    int start = Math.clamp(offset < 0 ? all.length + offset : offset, 0, all.length);
    int end = Math.min(all.length, start + 10);
    byte[] piece = Arrays.copyOfRange(all, start, end);
    if (piece.length == 0 && !wait.isZero()) {
      Thread.yield();
    }
    return new LogChunk(end, piece);
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    calls.add("since " + since);
    return sinceOffset;
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    ProgramView.End end = programEnd;
    if (end == null && wait.isZero()) {
      Thread.yield();
    }
    return new ProgramView(id, end);
  }

  @Override
  public byte[] screenshot(VmName name) {
    status(name);
    return super.screenshot(name);
  }

  @Override
  public SshAccess ssh(VmName name) {
    SshAccess access = ssh;
    if (access == null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE, "'" + name + "' does not run", "start it: vmctl start web");
    }
    return access;
  }

  @Override
  public ConsoleAccess console(VmName name) {
    throw new VmException(ErrorCode.CAPABILITY_MISSING, "it has no console", "");
  }

  @Override
  public List<TrashView> trash() {
    return trash;
  }

  @Override
  public int emptyTrash(List<String> ids) {
    calls.add("empty " + ids);
    return ids.isEmpty() ? trash.size() : ids.size();
  }

  @Override
  public void close() {
    closed = true;
  }
}
