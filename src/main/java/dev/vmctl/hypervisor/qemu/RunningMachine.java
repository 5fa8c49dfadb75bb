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
import java.util.stream.StreamSupport;

/** Asks a QEMU that runs what it has, in the words of a VMFile. */
final class RunningMachine {
  private RunningMachine() {}

  /** By the paths of fields; over a connection of its own, which is closed again. */
  static Map<String, String> look(VmHandle vm, Duration deadline) throws InterruptedException {
    try (QemuLink link = QemuLink.open(new QemuFiles(vm).readSocket(), deadline, () -> {})) {
      Map<String, String> fields = new LinkedHashMap<>();
      long vcpus =
          StreamSupport.stream(link.execute("query-cpus-fast", deadline).spliterator(), false)
              .count();
      fields.put(VmFields.VCPUS.path(), Long.toString(vcpus));
      fields.put(VmFields.MEMORY.path(), Long.toString(memory(link, deadline) >> 20));
      for (JsonNode node : link.execute("query-named-block-nodes", deadline)) {
        if (node.path("node-name").asText().equals("root")) {
          long bytes = node.path("image").path("virtual-size").asLong();
          fields.put(VmFields.DISK.path(), Long.toString(bytes));
        }
      }
      fields.put(VmFields.FORWARD.path(), ValueText.of(forwards(vm, link, deadline)));
      return fields;
    }
  }

  private static long memory(QemuLink link, Duration deadline) throws InterruptedException {
    return link.execute("query-balloon", deadline).path("actual").asLong();
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
