package dev.vmctl.daemon;

import dev.vmctl.daemon.DaemonSettings.LogFormat;
import dev.vmctl.kdl.KdlBoolean;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlProblem;
import dev.vmctl.kdl.KdlProperty;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.ApplyPolicy.Mode;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Diagnostic.Severity;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the nodes of a {@code vmctl.kdl}, and collects all that is wrong with them. */
final class ConfigNodes {
  private static final Set<String> CLASSES = Set.of("live", "restart", "replace");

  private final Path file;
  private final Path home;
  private final List<Diagnostic> found = new ArrayList<>();

  ConfigNodes(Path file, Path home) {
    this.file = file;
    this.home = home;
  }

  List<Diagnostic> found() {
    return found;
  }

  void problem(KdlProblem problem) {
    add(problem.span(), problem.code().text(), problem.message(), problem.help());
  }

  void problem(KdlNode node, String message, String help) {
    add(node.span(), "config.invalid", message, help);
  }

  private void add(KdlSpan span, String code, String message, String help) {
    int length = span.endLine() == span.line() ? span.endColumn() - span.column() : 1;
    found.add(
        new Diagnostic(
            file, span.line(), span.column(), length, Severity.ERROR, code, message, help));
  }

  /** Nodes of these names; all but {@code repeatable} once. Properties and others are reported. */
  Map<String, List<KdlNode>> known(
      List<KdlNode> nodes, String owner, Set<String> names, Set<String> repeatable) {
    Map<String, List<KdlNode>> known = new LinkedHashMap<>();
    for (KdlNode node : nodes) {
      String name = node.name().value();
      List<KdlNode> before = known.getOrDefault(name, List.of());
      if (!names.contains(name)) {
        problem(
            node,
            "'" + name + "' means nothing in " + owner,
            "known there: " + String.join(", ", names.stream().sorted().toList()));
      } else if (!before.isEmpty() && !repeatable.contains(name)) {
        problem(node, "'" + name + "' is given twice", "keep one of them");
      } else {
        known.computeIfAbsent(name, first -> new ArrayList<>()).add(node);
      }
    }
    return known;
  }

  /** The one text of a node; null when it has none, which is then reported. */
  @Nullable String text(KdlNode node, String example) {
    List<String> texts = texts(node, example);
    if (texts.size() == 1 && node.block() == null) {
      return texts.getFirst();
    }
    if (!texts.isEmpty()) {
      problem(node, "'" + node.name().value() + "' takes one text", "write: " + example);
    }
    return null;
  }

  /** The texts of a node; none when there are none or others, which is then reported. */
  List<String> texts(KdlNode node, String example) {
    List<String> texts = new ArrayList<>();
    for (KdlValue value : node.arguments()) {
      if (value instanceof KdlString text && !text.value().isBlank()) {
        texts.add(text.value());
      }
    }
    if (texts.isEmpty() || texts.size() != node.entries().size()) {
      problem(node, "'" + node.name().value() + "' needs text", "write: " + example);
      return List.of();
    }
    return texts;
  }

  /** A path, relative to the file's directory; {@code ~/} is the home directory. */
  @Nullable Path path(KdlNode node, String example) {
    String text = text(node, example);
    return text == null ? null : resolved(node, text);
  }

  /** The same of several; those that mean nothing are reported. */
  List<Path> paths(KdlNode node, String example) {
    return texts(node, example).stream()
        .flatMap(text -> Stream.ofNullable(resolved(node, text)))
        .toList();
  }

  private @Nullable Path resolved(KdlNode node, String text) {
    try {
      Path written = Path.of(text);
      Path base = text.startsWith("~/") ? home : file.toAbsolutePath().resolveSibling("");
      return base.resolve(text.startsWith("~/") ? Path.of(text.substring(2)) : written).normalize();
    } catch (InvalidPathException e) {
      problem(node, "'" + text + "' cannot be a path on this host", e.getReason());
      return null;
    }
  }

  /** A time such as 30s or 5m within bounds. */
  @Nullable Duration time(KdlNode node, Duration least, Duration most, String example) {
    return parsed(
        node,
        example,
        text -> {
          Duration time = text.matches("\\d{1,6}[smh]") ? Duration.parse("PT" + text) : null;
          if (time == null || time.compareTo(least) < 0 || time.compareTo(most) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not a time in its bounds");
          }
          return time;
        });
  }

  /** Bytes, written with MiB or GiB. */
  @Nullable Long bytes(KdlNode node, String example) {
    return parsed(
        node,
        example,
        text -> {
          if (!text.matches("[1-9][0-9]{0,5}(MiB|GiB)")) {
            throw new IllegalArgumentException("'" + text + "' is not a size");
          }
          long number = Long.parseLong(text.substring(0, text.length() - 3));
          return number << (text.endsWith("MiB") ? 20 : 30);
        });
  }

  @Nullable LogFormat log(KdlNode node) {
    return parsed(
        node,
        "log \"json\"",
        text ->
            switch (text) {
              case "text" -> LogFormat.TEXT;
              case "json" -> LogFormat.JSON;
              default ->
                  throw new IllegalArgumentException("'" + text + "' is neither text nor json");
            });
  }

  /** {@code apply "manual"}, or by class: {@code apply restart="manual" replace="manual"}. */
  @Nullable ApplyPolicy apply(KdlNode node) {
    String example = "apply \"manual\", or apply restart=\"manual\" replace=\"manual\"";
    if (!node.arguments().isEmpty()) {
      return parsed(node, example, text -> ApplyPolicy.all(mode(text)));
    }
    Map<String, Mode> modes = new LinkedHashMap<>();
    for (KdlProperty property : node.properties()) {
      String name = property.key().value();
      try {
        if (!CLASSES.contains(name) || !(property.value() instanceof KdlString text)) {
          throw new IllegalArgumentException("'" + name + "' is no class of changes with a word");
        }
        modes.put(name, mode(text.value()));
      } catch (IllegalArgumentException e) {
        problem(node, String.valueOf(e.getMessage()), "write: " + example);
        return null;
      }
    }
    if (modes.isEmpty() || node.block() != null) {
      problem(node, "'apply' needs a word", "write: " + example);
      return null;
    }
    return new ApplyPolicy(modes.get("live"), modes.get("restart"), modes.get("replace"))
        .or(ApplyPolicy.all(Mode.AUTO));
  }

  private static Mode mode(String text) {
    return switch (text) {
      case "auto" -> Mode.AUTO;
      case "manual" -> Mode.MANUAL;
      default -> throw new IllegalArgumentException("'" + text + "' is neither auto nor manual");
    };
  }

  /** A number from 1 to 1000. */
  @Nullable Integer count(KdlNode node, String example) {
    if (isOne(node)
        && node.arguments().getFirst() instanceof KdlInteger number
        && number.value().signum() > 0
        && number.value().compareTo(BigInteger.valueOf(1000)) <= 0) {
      return number.value().intValue();
    }
    problem(
        node, "'" + node.name().value() + "' needs a number from 1 to 1000", "write: " + example);
    return null;
  }

  @Nullable Boolean flag(KdlNode node, String example) {
    if (isOne(node) && node.arguments().getFirst() instanceof KdlBoolean flag) {
      return flag.value();
    }
    problem(node, "'" + node.name().value() + "' needs #true or #false", "write: " + example);
    return null;
  }

  private static boolean isOne(KdlNode node) {
    return node.entries().size() == 1 && node.arguments().size() == 1 && node.block() == null;
  }

  /** A text that is made something of, or refused by an {@link IllegalArgumentException}. */
  <T> @Nullable T parsed(KdlNode node, String example, Function<String, T> parse) {
    String text = text(node, example);
    try {
      return text == null ? null : parse.apply(text);
    } catch (IllegalArgumentException e) {
      problem(node, String.valueOf(e.getMessage()), "write: " + example);
      return null;
    }
  }
}
