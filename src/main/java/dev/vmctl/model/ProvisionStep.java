package dev.vmctl.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One step of setting up a guest over SSH. Steps run in order and stop at the first failure. */
public sealed interface ProvisionStep {
  /**
   * Shell text run in the guest by {@code sh}.
   *
   * @param env for this step, over those of the VM
   */
  record Inline(String script, List<EnvVariable> env) implements ProvisionStep {
    public Inline {
      Objects.requireNonNull(script);
      env = copy(env);
    }

    public Inline(String script) {
      this(script, List.of());
    }

    @Override
    public String text() {
      return "shell: " + firstLine(script);
    }
  }

  /**
   * A script file of the host, copied into the guest and run there.
   *
   * @param env for this step, over those of the VM
   */
  record Script(Path script, List<EnvVariable> env) implements ProvisionStep {
    public Script {
      Objects.requireNonNull(script);
      env = copy(env);
    }

    public Script(Path script) {
      this(script, List.of());
    }

    @Override
    public String text() {
      return "shell: " + script;
    }
  }

  /** A file of the host, copied into the guest with its mode. */
  record FileCopy(Path source, String destination) implements ProvisionStep {
    public FileCopy {
      Objects.requireNonNull(source);
      Objects.requireNonNull(destination);
    }

    @Override
    public String text() {
      return "file: " + source + " -> " + destination;
    }
  }

  /** Short form for progress and logs. */
  String text();

  /** What was written before steps had variables has none. */
  private static List<EnvVariable> copy(@Nullable List<EnvVariable> env) {
    return env == null ? List.of() : List.copyOf(env);
  }

  /** The first line of a shell text, cut where it is long. */
  static String firstLine(String script) {
    String first = script.strip().lines().findFirst().orElse("");
    return first.length() > 60 ? first.substring(0, 57) + "..." : first;
  }
}
