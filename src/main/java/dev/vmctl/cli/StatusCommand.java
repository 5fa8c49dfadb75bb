package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vmctl status}. */
@Command(
    name = "status",
    description = "Show all there is to say of VMs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl status web",
      "  vmctl status -l tier=front",
      "  vmctl status web -o json                 for programs; the fields are stable",
      "  vmctl status web -o jsonpath='{.state}'",
    })
final class StatusCommand implements Callable<Integer> {
  /** Its bits. */
  private static final int GIB = 30;

  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final VmSelection selection = new VmSelection();

  StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    selection.require();
    return session.read(this::show);
  }

  private int show(Vmctl vmctl) {
    VmSelection.Chosen chosen = selection.choose(vmctl, session);
    List<VmStatus> vms = chosen.names().stream().map(vmctl::status).toList();
    if (vms.isEmpty()) {
      return chosen.code(ExitCode.DONE);
    }
    // One that is asked for by name is an object, as it has always been; others are an array.
    Object data = selection.isOneName() ? vms.getFirst() : vms;
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(data);
      case YAML -> output.data(session.terminal()).yaml(data);
      case TABLE, WIDE, NAME, SARIF ->
          session
              .terminal()
              .out()
              .print(vms.stream().map(StatusCommand::text).collect(Collectors.joining("\n")));
    }
    return chosen.code(ExitCode.DONE);
  }

  private static String text(VmStatus vm) {
    StringBuilder text = new StringBuilder();
    facts(vm).forEach((key, value) -> text.append(String.format("%-13s %s%n", key + ":", value)));
    if (!vm.conditions().isEmpty()) {
      TableText conditions = new TableText("CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE");
      vm.conditions()
          .forEach(
              each ->
                  conditions.row(
                      each.type(),
                      each.status(),
                      each.reason(),
                      EventsCommand.seconds(each.lastTransitionTime()),
                      each.message()));
      text.append('\n').append(conditions.text());
    }
    List<VmStatus.FieldView> fields =
        vm.fields().stream().filter(StatusCommand::isTelling).toList();
    if (!fields.isEmpty()) {
      TableText table = new TableText("FIELD", "DECLARED", "APPLIED", "RUNNING", "CHANGE");
      fields.forEach(
          each ->
              table.row(
                  each.path(),
                  orDash(each.declared()),
                  orDash(each.applied()),
                  orDash(each.running()),
                  each.drifted() ? "drifted" : orDash(each.changeClass())));
      text.append('\n').append(table.text());
    }
    return text.toString();
  }

  /** Of fields about which there is nothing to say but their value, the VMFile says it. */
  private static boolean isTelling(VmStatus.FieldView field) {
    return field.running() != null || field.changeClass() != null;
  }

  private static String orDash(@Nullable String text) {
    return text == null ? "-" : text;
  }

  private static Map<String, String> facts(VmStatus vm) {
    VmSummary summary = vm.summary();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("name", summary.name());
    facts.put("uuid", vm.uuid());
    facts.put("state", summary.state() + (summary.ready() ? ", ready" : ", not ready"));
    putUnlessEmpty(facts, "doing", vm.activity());
    facts.put("backend", summary.backend());
    putUnlessEmpty(facts, "accel", accel(vm));
    putUnlessEmpty(facts, "machine", vm.machine());
    facts.put("vcpus", Integer.toString(summary.vcpus()));
    facts.put("memory", summary.memoryMb() + " MiB");
    putUnlessEmpty(facts, "disk size", size(vm.diskBytes()));
    facts.put("network", summary.network());
    putUnlessEmpty(facts, "mac", vm.mac());
    putUnlessEmpty(facts, "address", summary.address());
    putUnlessEmpty(facts, "ssh", summary.sshPort() == null ? "" : "127.0.0.1:" + summary.sshPort());
    putUnlessEmpty(facts, "vnc", vm.vnc());
    putUnlessEmpty(facts, "pid", summary.pid() == null ? "" : summary.pid().toString());
    putUnlessEmpty(facts, "labels", ListCommand.labels(summary));
    vm.shares()
        .forEach(
            share ->
                facts.put(
                    "share " + share.guest(),
                    share.host()
                        + ", by "
                        + share.via()
                        + (share.readOnly() ? ", read-only" : "")));
    facts.put("source", summary.source());
    facts.put("supervised", summary.supervised() ? "yes" : "no: nobody heals it");
    facts.put("generation", vm.generation() + " declared, " + vm.observedGeneration() + " applied");
    if (summary.pinned() != null) {
      facts.put(
          "rolled back",
          "to generation " + summary.pinned() + ", until the next edit of its VMFile");
    }
    putUnlessEmpty(facts, "commit", commit(vm.commit()));
    guest(vm.guest(), facts);
    facts.put("restarts", Integer.toString(vm.restarts()));
    policy(vm.policy(), facts);
    facts.put("provision", provision(vm.provision()));
    vm.holds()
        .forEach(
            hold ->
                facts.put(
                    "hold " + hold.kind(),
                    hold.reason()
                        + ", by "
                        + hold.by()
                        + " at "
                        + EventsCommand.seconds(hold.at())));
    new TreeMap<>(vm.paths()).forEach(facts::put);
    VmStatus.Failure failure = vm.failure();
    if (failure != null) {
      facts.put("failure", failure.message() + " [" + failure.code() + "]");
      putUnlessEmpty(facts, "help", failure.help());
    }
    return facts;
  }

  /** In the largest unit that a VMFile could say it in. */
  private static String size(@Nullable Long bytes) {
    if (bytes == null) {
      return "";
    }
    int zeros = Math.min(Long.numberOfTrailingZeros(bytes), GIB) / 10;
    return (bytes >> (10 * zeros)) + " " + List.of("bytes", "KiB", "MiB", "GiB").get(zeros);
  }

  private static void guest(VmStatus.@Nullable GuestView guest, Map<String, String> facts) {
    if (guest != null) {
      putUnlessEmpty(facts, "hostname", guest.hostname());
      putUnlessEmpty(facts, "guest os", guest.os());
      putUnlessEmpty(facts, "addresses", String.join(", ", guest.addresses()));
    }
  }

  private static void policy(VmStatus.@Nullable PolicyView policy, Map<String, String> facts) {
    if (policy == null) {
      return;
    }
    facts.put("restart", policy.restart());
    putUnlessEmpty(facts, "ready when", policy.ready());
    putUnlessEmpty(facts, "alive when", policy.liveness());
    putUnlessEmpty(facts, "depends on", String.join(", ", policy.dependsOn()));
    VmStatus.ExitView exit = policy.lastExit();
    if (exit != null) {
      facts.put("ended", exit.reason() + " at " + EventsCommand.seconds(exit.at()));
    }
  }

  private static String accel(VmStatus vm) {
    String accel = vm.accel();
    if (accel == null) {
      return "";
    }
    return vm.accelReason() == null ? accel : accel + " (" + vm.accelReason() + ")";
  }

  private static String commit(VmStatus.@Nullable CommitView commit) {
    if (commit == null) {
      return "";
    }
    String running = commit.running();
    return commit.wanted()
        + (commit.wanted().equals(running)
            ? ", running"
            : " wanted, running " + (running == null ? "none yet" : running));
  }

  private static String provision(VmStatus.ProvisionView provision) {
    if (provision.total() == 0) {
      return "no steps";
    }
    return (provision.done() ? "done" : "not done")
        + ", "
        + provision.total()
        + (provision.total() == 1 ? " step" : " steps");
  }

  private static void putUnlessEmpty(
      Map<String, String> facts, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      facts.put(key, value);
    }
  }
}
