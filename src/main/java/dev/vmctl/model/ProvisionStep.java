package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;

/** One step of setting up a guest over SSH. Steps run in order and stop at the first failure. */
public sealed interface ProvisionStep {
  /** Shell text run in the guest by {@code sh}. */
  record Inline(String script) implements ProvisionStep {
    public Inline {
      Objects.requireNonNull(script);
    }

    @Override
    public String text() {
      String first = script.strip().lines().findFirst().orElse("");
      return "shell: " + (first.length() > 60 ? first.substring(0, 57) + "..." : first);
    }
  }

  /** A script file of the host, copied into the guest and run there. */
  record Script(Path script) implements ProvisionStep {
    public Script {
      Objects.requireNonNull(script);
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
}
