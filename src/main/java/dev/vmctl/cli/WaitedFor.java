package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.Condition;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code wait} waits for.
 *
 * @param text as written on the command line
 */
record WaitedFor(String text, Predicate<VmStatus> predicate) {
  private static final String CONDITION = "condition=";
  private static final List<Goal> GOALS =
      List.of(Goal.READY, Goal.RUNNING, Goal.STOPPED, Goal.SUSPENDED, Goal.GONE);

  /** For completions. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(
              GOALS.stream().map(Goal::text),
              Arrays.stream(Condition.Type.values()).map(type -> CONDITION + type.text()))
          .iterator();
    }
  }

  /**
   * @throws TypeConversionException when nothing can be waited for by that name
   */
  static WaitedFor parse(String text) {
    if (text.startsWith(CONDITION)) {
      return condition(text);
    }
    return GOALS.stream()
        .filter(goal -> goal.text().equalsIgnoreCase(text))
        .findFirst()
        .map(goal -> new WaitedFor(goal.text(), goal::isReached))
        .orElseThrow(() -> wrong(text));
  }

  private static WaitedFor condition(String text) {
    String[] parts = text.substring(CONDITION.length()).split("=", 2);
    String wanted = parts.length == 1 ? Condition.Status.TRUE.text() : parts[1];
    boolean known =
        Arrays.stream(Condition.Type.values()).anyMatch(t -> t.text().equalsIgnoreCase(parts[0]))
            && Arrays.stream(Condition.Status.values())
                .anyMatch(s -> s.text().equalsIgnoreCase(wanted));
    if (!known) {
      throw wrong(text);
    }
    return new WaitedFor(
        parts[0] + " " + wanted.toLowerCase(Locale.ROOT),
        vm ->
            vm.conditions().stream()
                .anyMatch(
                    condition ->
                        condition.type().equalsIgnoreCase(parts[0])
                            && condition.status().equalsIgnoreCase(wanted)
                            && condition.observedGeneration() == vm.generation()));
  }

  private static TypeConversionException wrong(String text) {
    return new TypeConversionException(
        "'"
            + text
            + "' cannot be waited for, but "
            + String.join(", ", GOALS.stream().map(Goal::text).toList())
            + ", or condition=NAME[=True|False|Unknown] with NAME one of "
            + String.join(
                ", ", Arrays.stream(Condition.Type.values()).map(Condition.Type::text).toList()));
  }

  boolean isGone() {
    return text.equals(Goal.GONE.text());
  }

  boolean isSo(VmStatus vm) {
    return predicate.test(vm);
  }
}
