package dev.vmctl.cli;

import dev.vmctl.Doctor;
import dev.vmctl.model.Finding;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl doctor}. */
@Command(
    name = "doctor",
    description = {
      "Look at all that vmctl needs on this host, and say what is wrong and how to mend it.",
      "Ends with 1 when something is so wrong that vmctl cannot work; warnings end with 0."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl doctor", "  vmctl doctor -o json"})
final class DoctorCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.examine(session.dataDirectory());
    DataOutput data = output.data(session.terminal());
    switch (output.format) {
      case TABLE, WIDE, SARIF -> session.terminal().out().print(table(findings));
      case JSON -> data.json(findings);
      case YAML -> data.yaml(findings);
      case NAME -> findings.forEach(each -> session.terminal().out().println(each.check()));
    }
    return findings.stream().anyMatch(each -> each.result() == Finding.Result.FAIL)
        ? ExitCode.FAILED
        : ExitCode.DONE;
  }

  private static String table(List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    for (Finding each : findings) {
      text.append("%-5s %-15s %s%n".formatted(each.result().text(), each.check(), each.message()));
      if (!each.help().isEmpty()) {
        text.append("%22shelp: %s%n".formatted("", each.help()));
      }
    }
    return text.toString();
  }
}
