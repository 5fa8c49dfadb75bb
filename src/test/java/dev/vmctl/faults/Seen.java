package dev.vmctl.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the user sees of a fault, held against the golden file. What differs from run to run is
 * named first ({@link #calling}); pids, ports, UUIDs, digests, sizes left and temporary directories
 * are by themselves.
 */
public final class Seen {
  static final Path GOLDEN =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("src/test/resources/faults");

  private final String name;
  private final Map<String, String> names = new LinkedHashMap<>();
  private boolean shown;

  Seen(String name) {
    this.name = name;
  }

  /** From now on this value is written so: {@code calling(data, "<data>")}. */
  public Seen calling(Object value, String placeholder) {
    names.put(value.toString(), placeholder);
    return this;
  }

  /** What a command told on stderr, and how it ended. */
  public void ended(int exitCode, String stderr) {
    says(stderr.strip() + "\nexit code " + exitCode);
  }

  /** A failure: its code, message and help, as a command would print them. */
  public void failed(VmException failure) {
    says(text(failure));
  }

  /** The same of one of several cases. */
  public void failed(String whichCase, VmException failure) {
    says(whichCase, text(failure));
  }

  private static String text(VmException failure) {
    return "error[%s]: %s\n  help: %s"
        .formatted(failure.code().text(), failure.getMessage(), failure.help());
  }

  /** A finding in a VMFile, without the lines that show its place. */
  public void found(Diagnostic problem) {
    says(
        "error[%s]: %s: %s\n  help: %s"
            .formatted(problem.code(), problem.place(), problem.message(), problem.help()));
  }

  /** The words themselves, of a condition, an event or a line of output. */
  public void says(String words) {
    check(name, words);
  }

  /** One of several cases that the test goes through; a row of its own. */
  public void says(String whichCase, String words) {
    check(name + "." + whichCase.replace(' ', '-'), words);
  }

  private void check(String file, String words) {
    shown = true;
    String actual = stable(words).strip() + "\n";
    Path golden = GOLDEN.resolve(file + ".txt");
    try {
      if (isUpdate()) {
        Files.createDirectories(GOLDEN);
        Files.writeString(golden, actual);
      }
      assertThat(golden).as("what the user is told about this fault").exists();
      assertThat(actual).as(file).isEqualTo(Files.readString(golden));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether golden files are written instead of compared. */
  static boolean isUpdate() {
    return "update".equals(System.getProperty("vmctl.golden", System.getenv("VMCTL_GOLDEN")));
  }

  private String stable(String words) {
    String text = words;
    for (Map.Entry<String, String> each : names.entrySet()) {
      text = text.replace(each.getKey(), each.getValue());
    }
    return text.replaceAll("/tmp/junit-?\\d+", "<dir>")
        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>")
        .replaceAll("\\b[0-9a-f]{64}\\b", "<sha256>")
        .replaceAll("\\b(pid|process) \\d+", "$1 <pid>")
        .replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:<port>")
        .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "<time>")
        .replaceAll("(?m)[ \\t]+$", "");
  }

  boolean isShown() {
    return shown;
  }
}
