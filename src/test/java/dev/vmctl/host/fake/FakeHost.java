package dev.vmctl.host.fake;

import dev.vmctl.host.ExitWatch;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  public final FakeFreeBsd freebsd;
  public final FakeDladm dladm = new FakeDladm();
  public final FakeZones zones = new FakeZones(dladm);

  /** Command lines in order, one string each. */
  public final List<String> log = new ArrayList<>();

  /** Command lines that the real programs would not take. Must stay empty. */
  public final List<String> violations = new ArrayList<>();

  /** Answers of programs that are made to fail, by start of the command line. */
  public final Map<String, ToolResult> failures = new HashMap<>();

  private final List<FakeBhyve> bhyves = new ArrayList<>();
  private final Map<HostProcess, List<String>> running = new LinkedHashMap<>();
  private final Map<HostProcess, Runnable> exits = new HashMap<>();
  private final Map<String, FakeTool> tools = new HashMap<>();
  private long pids = 1000;
  private int steps;
  private int crashStep = -1;
  private boolean crashAfter;
  private boolean dead;

  /**
   * @param directory real files go here: devices of volumes and of VMs
   */
  public FakeHost(Path directory) {
    zfs = new FakeZfs(directory.resolve("zvol"), directory.resolve("snapshots"), "rpool");
    freebsd = new FakeFreeBsd(directory.resolve("dev"));
    tools.put("zfs", zfs);
    tools.put("ifconfig", freebsd::ifconfig);
    tools.put("arp", freebsd::arp);
    tools.put("sysctl", freebsd::sysctl);
    tools.put("kldstat", freebsd::kldstat);
    tools.put("bhyvectl", freebsd::bhyvectl);
    tools.put("dladm", dladm);
    tools.put("zonecfg", zones::zonecfg);
    tools.put("zoneadm", zones::zoneadm);
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

  private boolean begin(String line) {
    requireAlive();
    boolean dies = steps++ == crashStep;
    if (dies && !crashAfter) {
      dead = true;
      throw new HostCrash("before " + line);
    }
    return dies;
  }

  private void end(boolean dies, String line) {
    if (dies) {
      dead = true;
      throw new HostCrash("after " + line);
    }
  }

  /** Who was killed asks for nothing any more, not even on the way down. */
  private void requireAlive() {
    if (dead) {
      throw new HostCrash("we are dead");
    }
  }

  /** Somebody else of ours lives now. */
  public void revive() {
    dead = false;
    crashStep = -1;
    exits.clear();
  }

  /** No crash is to come. Tells how many steps there were since {@link #crashAt}. */
  public int calm() {
    crashStep = -1;
    return steps;
  }

  @Override
  public synchronized ToolResult run(ToolRun tool) {
    String line = String.join(" ", tool.command());
    if (line.equals("arp -an")) {
      // Asked by whoever wants to see where a guest is, at any time: no step of anything.
      return answer(tool.command(), line);
    }
    boolean dies = begin(line);
    log.add(line);
    ToolResult result = answer(tool.command(), line);
    end(dies, line);
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
    List<String> command = start.command();
    if (!command.subList(0, 2).equals(List.of("/bin/sh", "-c")) || command.size() < 10) {
      violations.add("no program that may stay: " + command);
    }
    List<String> arguments = command.subList(4, command.size());
    String line = String.join(" ", arguments.subList(7, arguments.size()));
    boolean dies = begin(line);
    log.add(line);
    HostProcess keeper = new HostProcess(pids++, steps);
    FakeBhyve bhyve = new FakeBhyve(this, keeper, new HostProcess(pids++, steps), arguments);
    running.put(keeper, command);
    running.put(bhyve.process, List.of("bhyve:", bhyve.name, "(bhyve)"));
    bhyves.add(bhyve);
    String trouble = bhyve.open();
    if (trouble != null) {
      write(start.output(), trouble);
      bhyve.finish(4);
    }
    end(dies, line);
    return keeper;
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bhyve that runs this VM. */
  public FakeBhyve bhyve(String name) {
    return bhyves.stream()
        .filter(bhyve -> bhyve.name.equals(name) && bhyve.lives)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no bhyve runs " + name));
  }

  /** The keeper of this VM is killed; its bhyve runs on. */
  public void killKeeper(String name) {
    FakeBhyve bhyve = bhyve(name);
    deliver(bhyve, bhyve.keeper, Signal.KILL);
  }

  /** How many processes of VMs there are. */
  public int running() {
    return (int) bhyves.stream().filter(bhyve -> bhyve.lives).count();
  }

  /** The host boots: processes, taps and VMs of the kernel are gone. */
  public void reboot() {
    bhyves.forEach(bhyve -> bhyve.lives = false);
    running.clear();
    exits.clear();
    List.copyOf(freebsd.vms.keySet()).forEach(freebsd::removeVm);
    freebsd.interfaces.values().removeIf(each -> each.group.equals("tap"));
    freebsd.interfaces.values().forEach(each -> each.members.clear());
    zfs.open.clear();
    dladm.vnics.clear();
    dladm.held.clear();
    zones.zones.values().stream()
        .filter(zone -> zone.id >= 0)
        .forEach(
            zone -> {
              zone.state = "installed";
              zone.id = -1;
            });
  }

  void ended(HostProcess process) {
    running.remove(process);
    Runnable then = exits.remove(process);
    if (then != null) {
      then.run();
    }
  }

  /** A volume by its device, if it is one. */
  void openVolume(String device, boolean open) {
    for (String name : zfs.datasets.keySet()) {
      if (device.equals(zfs.device(name).toString())) {
        if (open) {
          zfs.open.add(name);
        } else {
          zfs.open.remove(name);
        }
      }
    }
  }

  @Override
  public Optional<HostProcess> find(long pid) {
    return running.keySet().stream().filter(process -> process.pid() == pid).findFirst();
  }

  @Override
  public Optional<HostProcess> search(List<String> words) {
    return running.entrySet().stream()
        .filter(entry -> Collections.indexOfSubList(entry.getValue(), words) >= 0)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  @Override
  public List<String> commandLine(HostProcess process) {
    return running.getOrDefault(process, List.of());
  }

  @Override
  public boolean isAlive(HostProcess process) {
    requireAlive();
    return running.containsKey(process);
  }

  @Override
  public ExitWatch watchExit(HostProcess process, Runnable then) {
    if (!running.containsKey(process)) {
      then.run();
    } else {
      exits.put(process, then);
    }
    return () -> exits.remove(process, then);
  }

  @Override
  public boolean signal(HostProcess process, Signal signal) {
    if (!isAlive(process)) {
      return false;
    }
    String line = "kill " + signal + " " + (isKeeper(process) ? "keeper" : "bhyve");
    boolean dies = begin(line);
    log.add(line);
    of(process).ifPresent(bhyve -> deliver(bhyve, process, signal));
    end(dies, line);
    return true;
  }

  private boolean isKeeper(HostProcess process) {
    return bhyves.stream().anyMatch(bhyve -> bhyve.keeper.equals(process));
  }

  private Optional<FakeBhyve> of(HostProcess process) {
    return bhyves.stream()
        .filter(bhyve -> bhyve.keeper.equals(process) || bhyve.process.equals(process))
        .findFirst();
  }

  private void deliver(FakeBhyve bhyve, HostProcess process, Signal signal) {
    boolean keeper = bhyve.keeper.equals(process);
    switch (signal) {
      case TERMINATE -> {
        bhyve.asked |= keeper;
        if (bhyve.hearsPowerButton) {
          bhyve.ends(1);
        }
      }
      case KILL -> {
        if (keeper) {
          bhyve.keeperLives = false;
          ended(process);
        } else {
          bhyve.ends(137);
        }
      }
    }
  }

  /** What is not over by now will not be over by itself. */
  @Override
  public boolean awaitExit(HostProcess process, Duration deadline) {
    requireAlive();
    return !isAlive(process);
  }
}
