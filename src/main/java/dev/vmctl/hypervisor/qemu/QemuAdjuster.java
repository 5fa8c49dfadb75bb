package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.hypervisor.Adjusted;
import dev.vmctl.hypervisor.Adjustment;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.CardFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** Changes a QEMU that runs, one field after the other: each looks at what there is first. */
final class QemuAdjuster {
  /** How long a guest may take to hand memory over. */
  private static final Duration MEMORY = Duration.ofSeconds(20);

  /** How often is looked at memory on its way: there is no event that tells. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** The guest's driver moves memory in pieces of a mebibyte. */
  private static final long TOLERANCE = 2L << 20;

  private final QemuLink link;
  private final Duration answer;
  private final QemuDevices devices;
  private final QemuForwarding forwarding;
  private final Map<Field<?>, String> refused = new LinkedHashMap<>();

  QemuAdjuster(QemuLink link, Duration answer, FileLender lender, Forwards forwards) {
    this.link = link;
    this.answer = answer;
    this.devices = new QemuDevices(link, lender, answer);
    this.forwarding = new QemuForwarding(link, answer, forwards);
  }

  /** A change of one field. */
  private interface Task {
    void run() throws InterruptedException;
  }

  Adjusted run(Adjustment wanted) throws InterruptedException {
    VmSpec from = wanted.from();
    VmSpec to = wanted.to();
    LaunchFacts facts = Objects.requireNonNull(wanted.vm().facts());
    change(VmFields.FORWARD, from, to, () -> forwarding.change(from, to));
    change(VmFields.MEMORY, from, to, () -> memory(effective(VmFields.MEMORY, to) << 20));
    change(VmFields.VCPUS, from, to, () -> vcpus(effective(VmFields.VCPUS, to)));
    change(VmFields.DISK, from, to, () -> devices.grow("root", to.diskBytes()));
    change(VmFields.DISKS, from, to, () -> devices.disks(from, to, wanted.dataDisks()));
    change(VmFields.NICS, from, to, () -> devices.cards(wanted.vm(), from, to));
    VmSpec memory = refused.containsKey(VmFields.MEMORY) ? from : to;
    VmSpec vcpus = refused.containsKey(VmFields.VCPUS) ? from : to;
    VmSpec nics = refused.containsKey(VmFields.NICS) ? from : to;
    return new Adjusted(
        facts.resized(
            effective(VmFields.VCPUS, vcpus),
            effective(VmFields.MEMORY, memory),
            cards(wanted.vm(), from, nics, facts.cards())),
        refused);
  }

  private static List<CardFacts> cards(
      VmHandle vm, VmSpec from, VmSpec to, List<CardFacts> present) {
    List<CardFacts> cards = new ArrayList<>(present);
    for (NicSpec had : from.nics()) {
      if (!to.nics().contains(had)) {
        cards.removeIf(card -> card.mac().equals(had.address(vm.uuid())));
      }
    }
    for (NicSpec nic : to.nics()) {
      if (!from.nics().contains(nic)) {
        cards.add(new CardFacts(nic.address(vm.uuid()), nic.network(), null));
      }
    }
    return cards;
  }

  private void change(Field<?> field, VmSpec from, VmSpec to, Task task)
      throws InterruptedException {
    if (Objects.equals(field.effective(from), field.effective(to))) {
      return;
    }
    try {
      task.run();
    } catch (VmException e) {
      // What QEMU says no to now it says no to again; a restart is another way.
      if (e.code() != ErrorCode.QMP_COMMAND_FAILED) {
        throw e;
      }
      refused.put(field, e.getMessage());
    }
  }

  /** By the balloon: the guest booted with its most, and hands back what it is not given. */
  private void memory(long bytes) throws InterruptedException {
    long before = actual();
    command("balloon", Map.of("value", bytes));
    long end = System.nanoTime() + MEMORY.toNanos();
    long now = actual();
    while (Math.abs(now - bytes) > TOLERANCE && System.nanoTime() < end) {
      link.awaitChange(link.changes(), LOOK);
      now = actual();
    }
    if (Math.abs(now - bytes) > TOLERANCE) {
      command("balloon", Map.of("value", before));
      throw new VmException(
          ErrorCode.QMP_COMMAND_FAILED,
          "the guest did not hand its memory over within "
              + MEMORY.toSeconds()
              + " s: it has "
              + (now >> 20)
              + " MiB, not "
              + (bytes >> 20)
              + " (it uses it, or has no balloon driver)",
          "it is changed by a restart");
    }
  }

  private long actual() throws InterruptedException {
    return command("query-balloon", Map.of()).path("actual").asLong();
  }

  /** Never fewer: QEMU does not survive the removal of a processor. */
  private void vcpus(int wanted) throws InterruptedException {
    JsonNode slots = command("query-hotpluggable-cpus", Map.of());
    long present = stream(slots).filter(slot -> slot.has("qom-path")).count();
    List<JsonNode> free =
        stream(slots)
            .filter(slot -> !slot.has("qom-path"))
            .sorted(
                Comparator.comparingInt((JsonNode slot) -> number(slot, "socket-id"))
                    .thenComparingInt(slot -> number(slot, "core-id"))
                    .thenComparingInt(slot -> number(slot, "thread-id")))
            .limit(Math.max(0, wanted - present))
            .toList();
    for (JsonNode slot : free) {
      ObjectNode device = JsonNodeFactory.instance.objectNode();
      device.put("driver", slot.path("type").asText());
      device.put(
          "id",
          "cpu-"
              + number(slot, "socket-id")
              + "-"
              + number(slot, "core-id")
              + "-"
              + number(slot, "thread-id"));
      Map<String, Object> arguments = new LinkedHashMap<>();
      device.properties().forEach(each -> arguments.put(each.getKey(), each.getValue()));
      slot.path("props")
          .properties()
          .forEach(each -> arguments.put(each.getKey(), each.getValue()));
      command("device_add", arguments);
    }
  }

  private static int number(JsonNode slot, String property) {
    return slot.path("props").path(property).asInt();
  }

  private static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private JsonNode command(String command, Map<String, ?> arguments) throws InterruptedException {
    return link.execute(command, arguments, answer);
  }

  private static <T> T effective(Field<T> field, VmSpec spec) {
    return Objects.requireNonNull(field.effective(spec), field.path());
  }
}
