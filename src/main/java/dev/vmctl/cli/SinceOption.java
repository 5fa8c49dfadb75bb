package dev.vmctl.cli;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Since when: the option of commands that tell what was. */
final class SinceOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only since then: a moment (2026-01-31T12:00:00Z) or a time ago (10m, 2h).")
  private @Nullable String since;

  /**
   * The moment; null for always.
   *
   * @throws ParameterException when it is neither a moment nor a time
   */
  @Nullable Instant moment(Session session) {
    String text = since;
    if (text == null) {
      return null;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException notMoment) {
      try {
        return session.surroundings().clock().instant().minus(DurationText.parse(text));
      } catch (TypeConversionException notDuration) {
        throw new ParameterException(
            command.commandLine(),
            "'"
                + text
                + "' is neither a moment, such as 2026-01-31T12:00:00Z, nor a time, such as 10m",
            notDuration);
      }
    }
  }
}
