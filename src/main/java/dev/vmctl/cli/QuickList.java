package dev.vmctl.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code list} as scripts and prompts call it many times a minute, understood without the command
 * line parser, whose classes take the JVM longer to load than the whole answer. Only plain forms:
 * whatever is not plain is left to the parser, so there is nothing here to be wrong about.
 */
final class QuickList {
  private boolean named;
  private @Nullable Path dataDirectory;
  private @Nullable OutputFormat format;

  private QuickList() {}

  /** The command; empty if the parser has to look at this line. */
  static Optional<ListCommand> of(Session session, List<String> arguments) {
    QuickList line = new QuickList();
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      if (!line.understands(rest.next(), rest)) {
        return Optional.empty();
      }
    }
    return line.named ? Optional.of(line.command(session)) : Optional.empty();
  }

  private boolean understands(String word, Iterator<String> rest) {
    if (word.equals("list") && !named) {
      named = true;
      return true;
    }
    if (word.equals("--data-dir") && dataDirectory == null && rest.hasNext()) {
      String value = rest.next();
      dataDirectory = Path.of(value);
      return value.startsWith("/");
    }
    if (word.equals("-o") && named && format == null && rest.hasNext()) {
      String value = rest.next();
      format =
          Arrays.stream(OutputFormat.lists())
              .filter(each -> each.toString().equals(value))
              .findFirst()
              .orElse(null);
      return format != null;
    }
    return false;
  }

  private ListCommand command(Session session) {
    session.globals().dataDirectory = dataDirectory;
    return new ListCommand(session, format == null ? OutputFormat.TABLE : format);
  }
}
