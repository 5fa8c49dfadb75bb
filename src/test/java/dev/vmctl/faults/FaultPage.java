package dev.vmctl.faults;

import static java.util.stream.Collectors.joining;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** {@code docs/faults.md}, from the tests that prove the faults and their golden files. */
final class FaultPage {
  private static final String HEAD =
      """
      # Faults

      What goes wrong, and what you see of it. Made from the tests: each row is a test that makes the fault and holds the message against this
      text. Whatever the fault: the exit code is not zero, other VMs are not affected, no disk is lost, nothing is left half-made.

      `<data>` stands for the data directory, `<dir>` for any other; `<pid>`, `<uuid>` and the like for what differs from run to run.
      """;

  /** A row: the fault, what is seen of it, and the test that proves it. */
  record Row(Area area, String fault, String seen, String test) {}

  private FaultPage() {}

  static String name(Method test) {
    return test.getDeclaringClass().getSimpleName() + "." + test.getName();
  }

  /** Every fault that a test declares; those with several cases once for each. */
  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (JavaMethod method : declared()) {
      Fault fault = method.getAnnotationOfType(Fault.class);
      String test = method.getOwner().getSimpleName() + "." + method.getName();
      if (!fault.silent().isEmpty()) {
        rows.add(new Row(fault.area(), fault.value(), fault.silent(), test));
        continue;
      }
      for (String file : goldenOf(test)) {
        String which =
            file.equals(test) ? "" : ": " + file.substring(test.length() + 1).replace('-', ' ');
        rows.add(
            new Row(
                fault.area(),
                fault.value() + which,
                code(Files.readString(Seen.GOLDEN.resolve(file + ".txt"))),
                test));
      }
    }
    rows.sort(Comparator.comparing(Row::area).thenComparing(Row::fault));
    return rows;
  }

  /** The names of all golden files, without their ending. */
  static Set<String> golden() throws IOException {
    try (Stream<Path> files = Files.list(Seen.GOLDEN)) {
      return new TreeSet<>(
          files.map(file -> file.getFileName().toString().replaceAll("\\.txt$", "")).toList());
    }
  }

  static List<String> goldenOf(String test) throws IOException {
    return golden().stream()
        .filter(name -> name.equals(test) || name.startsWith(test + "."))
        .toList();
  }

  static List<JavaMethod> declared() {
    return Declared.METHODS;
  }

  /** Read once: it takes seconds. */
  private static final class Declared {
    static final List<JavaMethod> METHODS =
        new ClassFileImporter()
                .importPath(
                    Path.of(
                        FaultPage.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .getPath()))
                .stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(Fault.class))
                .toList();
  }

  static String markdown() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    List<Row> rows = rows();
    for (Area area : Area.values()) {
      String table =
          rows.stream()
              .filter(row -> row.area() == area)
              .map(row -> "| %s | %s | `%s` |\n".formatted(row.fault(), row.seen(), row.test()))
              .collect(joining());
      if (!table.isEmpty()) {
        page.append("\n## ").append(area.title()).append("\n\n");
        page.append("| fault | what you see | proved by |\n| --- | --- | --- |\n").append(table);
      }
    }
    return page.toString();
  }

  /** Lines of output inside a cell of a table. */
  private static String code(String text) {
    return text.strip().lines().map(FaultPage::codeOfLine).collect(joining("<br>"));
  }

  private static String codeOfLine(String line) {
    String indent = "&nbsp;".repeat(line.length() - line.stripLeading().length());
    String words = line.strip().replace("|", "\\|");
    String fence = words.contains("`") ? "``" : "`";
    return words.isEmpty() ? "" : indent + fence + words + fence;
  }
}
