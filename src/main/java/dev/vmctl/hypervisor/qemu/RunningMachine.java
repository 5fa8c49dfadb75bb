package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ValueText;
import dev.vmctl.model.VmFields;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks a QEMU that runs what it has, in the words of a VMFile. */
final class RunningMachine {
  private RunningMachine() {}

  /** By the paths of fields. */
  static Map<String, String> look(VmHandle vm, QemuLink link, Duration deadline)
      throws InterruptedException {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put(VmFields.VCPUS.path(), Integer.toString(vcpus(link, deadline)));
    boolean balloon = new QemuFiles(vm).adopted() == null;
    long memory = balloon ? ballooned(link, deadline) : plugged(link, deadline);
    fields.put(VmFields.MEMORY.path(), Long.toString(memory >> 20));
    for (JsonNode node : link.execute("query-named-block-nodes", deadline)) {
      if (node.path("node-name").asText().equals("root")) {
        long bytes = node.path("image").path("virtual-size").asLong();
        fields.put(VmFields.DISK.path(), Long.toString(bytes));
      }
    }
    fields.put(VmFields.FORWARD.path(), ValueText.of(forwards(vm, link, deadline)));
    return fields;
  }

  static int vcpus(QemuLink link, Duration deadline) throws InterruptedException {
    return link.execute("query-cpus-fast", deadline).size();
  }

  private static long ballooned(QemuLink link, Duration deadline) throws InterruptedException {
    return link.execute("query-balloon", deadline).path("actual").asLong();
  }

  /** What a machine without our balloon has, in bytes. */
  static long plugged(QemuLink link, Duration deadline) throws InterruptedException {
    JsonNode memory = link.execute("query-memory-size-summary", deadline);
    return memory.path("base-memory").asLong() + memory.path("plugged-memory").asLong();
  }

  /** Without the port that is vmctl's own way in. */
  private static List<ForwardSpec> forwards(VmHandle vm, QemuLink link, Duration deadline)
      throws InterruptedException {
    String said =
        link.execute("human-monitor-command", Map.of("command-line", "info usernet"), deadline)
            .asText();
    LaunchFacts facts = vm.facts();
    Integer own = facts == null ? null : facts.sshPort();
    return UsernetText.all(said).stream()
        .filter(forward -> own == null || forward.hostPort() != own || forward.guestPort() != 22)
        .toList();
  }
}
