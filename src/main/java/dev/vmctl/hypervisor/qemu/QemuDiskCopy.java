package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Copies disks of a running QEMU: one backup job a disk, begun together in one transaction. What
 * the guest writes meanwhile is kept out of the copies.
 */
final class QemuDiskCopy {
  /** How often the jobs are asked for, should no event tell. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final QemuLink link;
  private final FileLender lender;
  private final Duration answer;
  private final String id = "export-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<String> nodes = new ArrayList<>();
  private final List<String> jobs = new ArrayList<>();

  QemuDiskCopy(QemuLink link, FileLender lender, Duration answer) {
    this.link = link;
    this.lender = lender;
    this.answer = answer;
  }

  /**
   * @param targets by disk, the files that QEMU has open as qcow2
   * @throws VmException qmp.command_failed with QEMU's words; disk.full
   */
  void run(Map<Path, Path> targets) throws InterruptedException {
    try {
      List<Map<String, Object>> actions = new ArrayList<>();
      for (Map.Entry<Path, Path> each : targets.entrySet()) {
        JsonNode disk = node(each.getKey());
        String target = target(each.getValue(), disk.path("image").path("virtual-size").asLong());
        String job = target + "-job";
        actions.add(
            Map.of(
                "type",
                "blockdev-backup",
                "data",
                Map.of(
                    "job-id",
                    job,
                    "device",
                    disk.path("node-name").asText(),
                    "target",
                    target,
                    "sync",
                    "full",
                    "auto-dismiss",
                    false)));
        jobs.add(job);
      }
      command("transaction", Map.of("actions", actions));
      await();
    } finally {
      cleanUp();
    }
  }

  private JsonNode node(Path disk) throws InterruptedException {
    for (JsonNode node : command("query-named-block-nodes", Map.of())) {
      if (node.path("drv").asText().equals("qcow2")
          && node.path("file").asText().equals(disk.toString())) {
        return node;
      }
    }
    throw new VmException(
        ErrorCode.QMP_COMMAND_FAILED,
        "QEMU does not have " + disk + " open",
        "was it moved while its VM ran? Stop the VM and try again");
  }

  /** Makes an empty qcow2 of that size, which QEMU has open then; returns its node's name. */
  private String target(Path file, long size) throws InterruptedException {
    String protocol = id + "-file" + nodes.size();
    AtomicFiles.createPrivate(file);
    Map<String, Object> opened = Map.of("driver", "file", "filename", file.toString());
    lender.whileLent(file, () -> add(protocol, opened));
    job("format", Map.of("driver", "qcow2", "file", protocol, "size", size));
    String format = id + "-disk" + nodes.size();
    add(format, Map.of("driver", "qcow2", "file", protocol));
    return format;
  }

  private void add(String name, Map<String, Object> options) throws InterruptedException {
    Map<String, Object> all = new LinkedHashMap<>(options);
    all.put("node-name", name);
    command("blockdev-add", all);
    nodes.addFirst(name);
  }

  /** A job that only makes something, and is over at once. */
  private void job(String what, Map<String, Object> options) throws InterruptedException {
    String job = id + "-" + what + nodes.size();
    command("blockdev-create", Map.of("job-id", job, "options", options));
    jobs.add(job);
    await();
  }

  /** Waits for all jobs to conclude, then forgets them. */
  private void await() throws InterruptedException {
    while (true) {
      long seen = link.changes();
      int concluded = 0;
      for (JsonNode job : command("query-jobs", Map.of())) {
        if (jobs.contains(job.path("id").asText())) {
          fail(job.path("error").asText(null));
          concluded += job.path("status").asText().equals("concluded") ? 1 : 0;
        }
      }
      if (concluded == jobs.size()) {
        dismiss();
        return;
      }
      link.awaitChange(seen, LOOK);
    }
  }

  private static void fail(@Nullable String error) {
    if (error != null) {
      boolean full = error.contains("No space left");
      throw new VmException(
          full ? ErrorCode.DISK_FULL : ErrorCode.QMP_COMMAND_FAILED,
          "QEMU could not copy the disk: " + error,
          full ? "free some space where the copy goes and try again" : "see the VM's log");
    }
  }

  private void dismiss() throws InterruptedException {
    for (String job : jobs) {
      command("job-dismiss", Map.of("id", job));
    }
    jobs.clear();
  }

  /** QEMU keeps neither jobs nor files open; what fails here fails because it has ended. */
  private void cleanUp() throws InterruptedException {
    for (String job : jobs) {
      attempt("block-job-cancel", Map.of("device", job, "force", true));
    }
    for (int tries = 0; tries < 10 && !jobs.isEmpty(); tries++) {
      jobs.removeIf(job -> attempt("job-dismiss", Map.of("id", job)));
      if (!jobs.isEmpty()) {
        link.awaitChange(link.changes(), LOOK);
      }
    }
    for (String node : nodes) {
      attempt("blockdev-del", Map.of("node-name", node));
    }
  }

  private boolean attempt(String command, Map<String, ?> arguments) {
    try {
      command(command, arguments);
      return true;
    } catch (VmException e) {
      return e.code() != ErrorCode.QMP_COMMAND_FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private JsonNode command(String command, Map<String, ?> arguments) throws InterruptedException {
    return link.execute(command, arguments, answer);
  }
}
