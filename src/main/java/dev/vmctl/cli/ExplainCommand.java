package dev.vmctl.cli;

import dev.vmctl.vmfile.Explanation;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl explain}. */
@Command(
    name = "explain",
    description = "Say what a node of a VMFile means, and what may stand in it.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl explain                      what a VMFile holds",
      "  vmctl explain vm --recursive       every node of a VM",
      "  vmctl explain cloud-init.ssh-key   one of them",
    })
final class ExplainCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--recursive", description = "Show what stands in it to the last level.")
  private boolean recursive;

  @Parameters(
      paramLabel = "PATH",
      arity = "0..1",
      defaultValue = "",
      description = "Names with dots between them, such as vm.network.bridge; vm. may be left out.")
  private String path = "";

  ExplainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    List<Explanation> found = path.isEmpty() ? Explanation.all() : List.of(Explanation.find(path));
    Object data = path.isEmpty() ? found : found.getFirst();
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(data);
      case YAML -> output.data(session.terminal()).yaml(data);
      case TABLE, WIDE, NAME, SARIF ->
          session.terminal().out().print(path.isEmpty() ? list(found) : text(found.getFirst()));
    }
    return ExitCode.DONE;
  }

  private String list(List<Explanation> nodes) {
    StringBuilder out = new StringBuilder("A VMFile is KDL, and holds:\n\n");
    tree(nodes, 1, out);
    return out.toString();
  }

  private String text(Explanation node) {
    StringBuilder out = new StringBuilder();
    line("NODE", node.path(), out);
    line("VALUE", node.value(), out);
    line("DEFAULT", node.defaultText(), out);
    line("WITH", String.join(", ", node.of()), out);
    line("REPEATED", node.repeatable() ? "may stand several times" : "", out);
    line("CHANGE", change(node), out);
    line("BACKENDS", String.join(", ", node.backends()), out);
    line("SINCE", node.since(), out);
    line("SECRET", node.sensitive() ? "its value is never shown" : "", out);
    out.append("\n").append(node.summary()).append("\n\n");
    out.append("    ").append(node.example()).append('\n');
    if (!node.children().isEmpty()) {
      out.append("\nHOLDS\n");
      tree(node.children(), 1, out);
    }
    return out.toString();
  }

  private static String change(Explanation node) {
    String change = node.change();
    if (change == null) {
      return "";
    }
    return change.equals("none") ? "nothing is done to the VM" : change + ", or harder";
  }

  private static void line(String name, String value, StringBuilder out) {
    if (!value.isEmpty()) {
      out.append(name).repeat(" ", 10 - name.length()).append(value).append('\n');
    }
  }

  private void tree(List<Explanation> nodes, int depth, StringBuilder out) {
    int width = nodes.stream().mapToInt(node -> node.name().length()).max().orElse(0);
    for (Explanation node : nodes) {
      out.repeat("  ", depth)
          .append(node.name())
          .repeat(" ", width - node.name().length() + 2)
          .append(node.summary())
          .append(node.value().isEmpty() ? "" : " <" + node.value() + ">")
          .append('\n');
      if (recursive) {
        tree(node.children(), depth + 1, out);
      }
    }
  }
}
