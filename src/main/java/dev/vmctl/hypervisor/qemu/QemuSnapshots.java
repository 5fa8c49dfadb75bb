package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Snapshots within the disks of a QEMU that runs. Where memory is written or read QEMU does nothing
 * else meanwhile, and answers nobody: it is asked again and again.
 */
final class QemuSnapshots {
  /** How often a job is asked for, should no event tell. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** A terabyte of memory at 100 MB/s. */
  private static final Duration LONGEST = Duration.ofHours(3);

  private final QemuLink link;
  private final Duration answer;

  QemuSnapshots(QemuLink link, Duration answer) {
    this.link = link;
    this.answer = answer;
  }

  /**
   * @throws VmException backend.capability_missing, disk.full, qmp.command_failed
   */
  void take(GuestSnapshot wanted) throws InterruptedException {
    List<String> nodes = nodes(wanted.disks());
    if (wanted.memory()) {
      job(
          "snapshot-save",
          Map.of("tag", wanted.tag(), "vmstate", nodes.getFirst(), "devices", nodes));
      return;
    }
    List<Map<String, Object>> actions = new ArrayList<>();
    for (String node : nodes) {
      actions.add(
          Map.of(
              "type",
              "blockdev-snapshot-internal-sync",
              "data",
              Map.of("device", node, "name", wanted.tag())));
    }
    try {
      command("transaction", Map.of("actions", actions));
    } catch (VmException e) {
      throw e.code() == ErrorCode.QMP_COMMAND_FAILED ? failure(e.getMessage()) : e;
    }
  }

  /** Deletes it where it is. */
  void delete(GuestSnapshot unwanted) throws InterruptedException {
    List<String> having = new ArrayList<>();
    for (Path disk : unwanted.disks()) {
      JsonNode node = node(disk);
      for (JsonNode snapshot : node.path("image").path("snapshots")) {
        if (snapshot.path("name").asText().equals(unwanted.tag())) {
          having.add(node.path("node-name").asText());
        }
      }
    }
    if (!having.isEmpty()) {
      job("snapshot-delete", Map.of("tag", unwanted.tag(), "devices", having));
    }
  }

  /**
   * Makes a guest that was not let run be what it was then.
   *
   * @throws VmException snapshot.memory_unusable
   */
  void load(VmName vm, GuestSnapshot wanted) throws InterruptedException {
    List<String> nodes = nodes(wanted.disks());
    try {
      job(
          "snapshot-load",
          Map.of("tag", wanted.tag(), "vmstate", nodes.getFirst(), "devices", nodes));
    } catch (VmException e) {
      throw e.code() == ErrorCode.QMP_COMMAND_FAILED || e.code() == ErrorCode.CAPABILITY_MISSING
          ? unusable(vm, e.getMessage())
          : e;
    }
  }

  static VmException unusable(VmName vm, String why) {
    return new VmException(
        ErrorCode.MEMORY_UNUSABLE,
        vm + " cannot go on from the memory that was kept: " + why,
        "it is kept still; 'vmctl start "
            + vm
            + " --discard-state' gives it up, and boots from the disk");
  }

  private List<String> nodes(List<Path> disks) throws InterruptedException {
    List<String> names = new ArrayList<>();
    for (Path disk : disks) {
      names.add(node(disk).path("node-name").asText());
    }
    return names;
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

  private void job(String command, Map<String, ?> arguments) throws InterruptedException {
    String id = command + "-" + UUID.randomUUID().toString().substring(0, 8);
    Map<String, Object> all = new HashMap<>(arguments);
    all.put("job-id", id);
    awaitSilence();
    try {
      command(command, all);
    } catch (VmException e) {
      // It may be at work before its reply is out, and then says nothing until it is done.
      if (e.code() != ErrorCode.QMP_TIMEOUT || !isThere(id)) {
        throw e;
      }
    }
    String error = await(id);
    if (!error.isEmpty()) {
      throw failure(error);
    }
  }

  /**
   * A job that an engine before us began may be at work: what it does must not be mixed with ours.
   */
  private void awaitSilence() throws InterruptedException {
    for (JsonNode job : jobs()) {
      if (job.path("type").asText().startsWith("snapshot-")) {
        await(job.path("id").asText());
      }
    }
  }

  private boolean isThere(String id) throws InterruptedException {
    for (JsonNode job : jobs()) {
      if (job.path("id").asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  /** What has gone wrong with a job, once it is over; empty when nothing has. */
  private String await(String id) throws InterruptedException {
    while (true) {
      long seen = link.changes();
      for (JsonNode job : jobs()) {
        if (job.path("id").asText().equals(id) && job.path("status").asText().equals("concluded")) {
          command("job-dismiss", Map.of("id", id));
          return job.path("error").asText();
        }
      }
      link.awaitChange(seen, LOOK);
    }
  }

  private JsonNode jobs() throws InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (true) {
      try {
        return command("query-jobs", Map.of());
      } catch (VmException e) {
        if (e.code() != ErrorCode.QMP_TIMEOUT || System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  private static VmException failure(String error) {
    if (error.contains("No space left")) {
      return new VmException(
          ErrorCode.DISK_FULL,
          "QEMU could not write the snapshot: " + error,
          "free some space on the file system of the VM's disks and try again");
    }
    if (error.contains("non-migratable") || error.contains("igration is disabled")) {
      return new VmException(
          ErrorCode.CAPABILITY_MISSING,
          "the guest's memory cannot be kept: " + error,
          "a shared directory stands in the way; take the snapshot with --disk-only");
    }
    return new VmException(
        ErrorCode.QMP_COMMAND_FAILED, "QEMU could not do that: " + error, "see the VM's log");
  }

  private JsonNode command(String command, Map<String, ?> arguments) throws InterruptedException {
    return link.execute(command, arguments, answer);
  }
}
