package dev.vmctl.cli;

import dev.vmctl.api.LabelChange;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.Labels;
import dev.vmctl.model.VmName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl label}. */
@Command(
    name = "label",
    description = {
      "Show a VM's labels, or give it some by hand and take some away.",
      "What its VMFile declares is changed there. Other labels stay, whatever is applied, until a VMFile declares them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl label web",
      "  vmctl label web stage=test owner=ada",
      "  vmctl label web owner-                 takes it away",
      "  vmctl list -l stage=test",
    })
final class LabelCommand implements Callable<Integer> {
  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(
      index = "1..*",
      paramLabel = "LABEL",
      arity = "0..*",
      description = "KEY=VALUE to give it, KEY- to take it away.")
  private List<String> changes = List.of();

  LabelCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (changes.isEmpty()) {
      Map<String, String> labels = session.read(vmctl -> vmctl.status(name)).summary().labels();
      new TreeMap<>(labels)
          .forEach((key, value) -> session.terminal().out().println(key + "=" + value));
      return ExitCode.DONE;
    }
    LabelChange change = change();
    try (Vmctl vmctl = session.writing()) {
      vmctl.label(name, change);
    }
    return ExitCode.DONE;
  }

  private LabelChange change() {
    Map<String, String> set = new HashMap<>();
    Set<String> remove = new HashSet<>();
    for (String text : changes) {
      int equals = text.indexOf('=');
      if (equals < 0 && !text.endsWith("-")) {
        throw wrong(text, "write KEY=VALUE, or KEY- to take it away");
      }
      String key = equals < 0 ? text.substring(0, text.length() - 1) : text.substring(0, equals);
      refuse(text, Labels.keyProblem(key));
      if (equals < 0) {
        remove.add(key);
      } else {
        String value = text.substring(equals + 1);
        refuse(text, Labels.valueProblem(value));
        set.put(key, value);
      }
      if (set.containsKey(key) && remove.contains(key)) {
        throw wrong(text, "it cannot be given and taken away at once");
      }
    }
    return new LabelChange(set, remove);
  }

  private void refuse(String text, Optional<String> problem) {
    problem.ifPresent(
        why -> {
          throw wrong(text, why);
        });
  }

  private ParameterException wrong(String text, String why) {
    return new ParameterException(spec.commandLine(), "'" + text + "' is no label: " + why);
  }
}
