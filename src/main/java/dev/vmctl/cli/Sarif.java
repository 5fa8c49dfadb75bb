package dev.vmctl.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.vmctl.Version;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.vmfile.VmFileCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code review sites
 * and editors read. Columns count code points, as everywhere here.
 */
final class Sarif {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  record Log(@JsonProperty("$schema") String schema, String version, List<Run> runs) {}

  record Run(Tool tool, String columnKind, List<Result> results) {}

  record Tool(Driver driver) {}

  record Driver(String name, String version, List<Rule> rules) {}

  record Rule(String id, Message shortDescription, Configuration defaultConfiguration) {}

  record Configuration(String level) {}

  record Message(String text) {}

  record Result(
      String ruleId,
      int ruleIndex,
      String level,
      Message message,
      List<Location> locations,
      List<Location> relatedLocations) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Location(Physical physicalLocation, @Nullable Message message) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Physical(Artifact artifactLocation, @Nullable Region region) {}

  record Artifact(String uri) {}

  record Region(int startLine, int startColumn, int endLine, int endColumn) {}

  private final List<Rule> rules = new ArrayList<>();
  private final Path base;

  /**
   * @param base files below it are named relative to it
   */
  Sarif(Path base) {
    this.base = base;
  }

  Log of(List<Diagnostic> findings) {
    List<Result> results = findings.stream().map(this::result).toList();
    Driver driver = new Driver("vmctl", Version.CURRENT, List.copyOf(rules));
    return new Log(
        SCHEMA, "2.1.0", List.of(new Run(new Tool(driver), "unicodeCodePoints", results)));
  }

  private Result result(Diagnostic finding) {
    String text =
        finding.help().isEmpty() ? finding.message() : finding.message() + "\n" + finding.help();
    Location place =
        location(finding.file(), finding.line(), finding.column(), finding.length(), null);
    return new Result(
        finding.code(),
        rule(finding),
        level(finding.severity()),
        new Message(text),
        List.of(place),
        finding.labels().stream()
            .map(
                label ->
                    location(
                        label.file(), label.line(), label.column(), label.length(), label.text()))
            .toList());
  }

  private int rule(Diagnostic finding) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).id().equals(finding.code())) {
        return i;
      }
    }
    Optional<VmFileCode> known =
        Arrays.stream(VmFileCode.values())
            .filter(code -> code.text().equals(finding.code()))
            .findFirst();
    String meaning = known.map(VmFileCode::meaning).orElse("The file is not valid KDL.");
    rules.add(
        new Rule(
            finding.code(), new Message(meaning), new Configuration(level(finding.severity()))));
    return rules.size() - 1;
  }

  private static String level(Diagnostic.Severity severity) {
    return switch (severity) {
      case ERROR -> "error";
      case WARNING -> "warning";
    };
  }

  private Location location(Path file, int line, int column, int length, @Nullable String message) {
    String uri =
        file.startsWith(base) && !file.equals(base)
            ? base.toUri().relativize(file.toUri()).toString()
            : file.toUri().toString();
    Region region = line == 0 ? null : new Region(line, column, line, column + length);
    return new Location(
        new Physical(new Artifact(uri), region), message == null ? null : new Message(message));
  }
}
