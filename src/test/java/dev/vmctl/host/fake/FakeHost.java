package dev.vmctl.host.fake;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fake host. One thread at a time.
 *
 * <p>Every change the port is asked for (a command, the start of a process, a signal) is one step;
 * {@link #crashAt} ends us at any of them, before it took effect or just after.
 */
public final class FakeHost implements HostProcesses {
  public final FakeZfs zfs;
  public final FakeDladm dladm = new FakeDladm();
  public final FakeZones zones = new FakeZones(dladm);

  /** Command lines in order, one string each. */
  public final List<String> log = new ArrayList<>();

  /** Command lines that the real programs would not take. Must stay empty. */
  public final List<String> violations = new ArrayList<>();

  /** Answers of programs that are made to fail, by start of the command line. */
  public final Map<String, ToolResult> failures = new HashMap<>();

  private final Map<String, FakeTool> tools = new HashMap<>();
  private int steps;
  private int crashStep = -1;
  private boolean crashAfter;

  /**
   * @param directory real files go here: devices of volumes and of VMs
   */
  public FakeHost(Path directory) {
    zfs = new FakeZfs(directory.resolve("zvol"), directory.resolve("snapshots"), "rpool");
    tools.put("zfs", zfs);
    tools.put("dladm", dladm);
    tools.put("zonecfg", zones::zonecfg);
    tools.put("zoneadm", zones::zoneadm);
  }

  /** Adds or replaces a program. */
  void install(String program, FakeTool tool) {
    tools.put(program, tool);
  }

  /**
   * We are killed at the step of this number, counted from now.
   *
   * @param step 0 is the next one
   * @param after whether the step takes effect first
   */
  public void crashAt(int step, boolean after) {
    steps = 0;
    crashStep = step;
    crashAfter = after;
  }

  /** No crash is to come. Tells how many steps there were since {@link #crashAt}. */
  public int calm() {
    crashStep = -1;
    return steps;
  }

  @Override
  public synchronized ToolResult run(ToolRun tool) {
    String line = String.join(" ", tool.command());
    boolean dies = steps++ == crashStep;
    if (dies && !crashAfter) {
      throw new HostCrash("before " + line);
    }
    log.add(line);
    ToolResult result = answer(tool.command(), line);
    if (dies) {
      throw new HostCrash("after " + line);
    }
    return result;
  }

  private ToolResult answer(List<String> command, String line) {
    for (Map.Entry<String, ToolResult> failure : failures.entrySet()) {
      if (line.startsWith(failure.getKey())) {
        return failure.getValue();
      }
    }
    FakeTool tool = tools.get(command.getFirst());
    if (tool == null) {
      throw new VmException(
          ErrorCode.IO,
          "cannot run " + command.getFirst() + ": No such file or directory",
          "check that it is installed and on the PATH");
    }
    try {
      return new ToolResult(0, tool.run(command.subList(1, command.size())), "");
    } catch (FakeTool.Refusal e) {
      return e.result();
    } catch (FakeTool.Usage e) {
      violations.add(line + ": " + e.getMessage());
      return new ToolResult(2, "", e.getMessage() + "\nusage: …\n");
    }
  }

  @Override
  public HostProcess start(ProcessStart start) {
    throw new UnsupportedOperationException("no program of this host stays: " + start.command());
  }

  @Override
  public Optional<HostProcess> find(long pid) {
    return Optional.empty();
  }

  @Override
  public List<String> commandLine(HostProcess process) {
    return List.of();
  }

  @Override
  public boolean isAlive(HostProcess process) {
    return false;
  }

  @Override
  public boolean signal(HostProcess process, Signal signal) {
    return false;
  }

  @Override
  public boolean awaitExit(HostProcess process, Duration deadline) {
    return true;
  }
}
