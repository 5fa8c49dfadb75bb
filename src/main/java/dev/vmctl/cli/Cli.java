package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmName;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs a command line and turns what comes of it into an exit code. */
final class Cli {
  private static final int HELP_WIDTH = 100;

  /** The global options that are followed by a value. */
  private static final Set<String> WITH_VALUE = Set.of("--data-dir", "--host", "--lock-timeout");

  /** The commands that another program's command line may follow. */
  private static final Set<String> WITH_COMMAND = Set.of("ssh", "exec");

  private final Session session;
  private final CommandTable table = new CommandTable();

  Cli(Session session) {
    this.session = session;
  }

  int run(String... arguments) {
    List<String> ours = commands(List.of(arguments));
    String word = commandWord(ours);
    session.setCommand(word == null ? "" : word);
    int dashes = ours.indexOf("--");
    if (dashes >= 0 && word != null && WITH_COMMAND.contains(word)) {
      session.setAfterDashes(ours.subList(dashes + 1, ours.size()));
      ours = ours.subList(0, dashes);
    }
    int code = commandLine(word).execute(ours.toArray(String[]::new));
    return session.terminal().end(code);
  }

  /**
   * @param word the only command to know, for speed; all of them if it is null or none of them
   */
  CommandLine commandLine(@Nullable String word) {
    CommandLine root = new CommandLine(new RootCommand(session));
    Object called = word == null ? null : table.make(word, session);
    if (word != null && called != null) {
      root.addSubcommand(word, called);
    } else {
      for (String name : table.names()) {
        root.addSubcommand(name, table.make(name, session));
      }
    }
    Terminal terminal = session.terminal();
    root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            terminal.colour() && terminal.outIsTerminal() ? Ansi.ON : Ansi.OFF));
    root.setUsageHelpWidth(HELP_WIDTH);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.registerConverter(VmName.class, Cli::vmName);
    root.registerConverter(Duration.class, DurationText::parse);
    root.setParameterExceptionHandler((wrong, given) -> usage(wrong));
    root.setExecutionExceptionHandler(
        (failure, line, parsed) ->
            new ErrorText(terminal).failed(failure, session.globals().verbose));
    return root;
  }

  /** {@code help up} is another way to write {@code up --help}, {@code --version} of a command. */
  private static List<String> commands(List<String> arguments) {
    if (arguments.equals(List.of("--version")) || arguments.equals(List.of("-V"))) {
      return List.of("version");
    }
    if (arguments.isEmpty() || !arguments.getFirst().equals("help")) {
      return arguments;
    }
    List<String> help = new ArrayList<>(arguments.subList(1, arguments.size()));
    help.add("--help");
    return help;
  }

  private static @Nullable String commandWord(List<String> arguments) {
    boolean isValue = false;
    for (String argument : arguments) {
      if (isValue) {
        isValue = false;
      } else if (WITH_VALUE.contains(argument)) {
        isValue = true;
      } else if (!argument.startsWith("-")) {
        return argument;
      }
    }
    return null;
  }

  private static VmName vmName(String text) {
    return VmName.problem(text)
        .<VmName>map(
            problem -> {
              throw new TypeConversionException(noName(text, problem));
            })
        .orElseGet(() -> new VmName(text));
  }

  /** Names after the first that cannot be names count as unmatched: their fault is told instead. */
  private static String unmatched(UnmatchedArgumentException wrong, CommandLine command) {
    String word = wrong.getUnmatched().getFirst();
    if (command.getParent() == null) {
      return "there is no command '" + word + "'";
    }
    boolean takesNames =
        command.getCommandSpec().positionalParameters().stream()
            .anyMatch(each -> List.of(each.auxiliaryTypes()).contains(VmName.class));
    return VmName.problem(word)
        .filter(problem -> takesNames && !word.startsWith("-"))
        .map(problem -> noName(word, problem))
        .orElseGet(() -> words(wrong));
  }

  /** What we say ourselves is inside where a method takes the option's value. */
  private static String words(CommandLine.ParameterException wrong) {
    String message = String.valueOf(wrong.getMessage());
    return message.startsWith(TypeConversionException.class.getSimpleName())
            && wrong.getCause() instanceof TypeConversionException ours
        ? String.valueOf(ours.getMessage())
        : message.replaceFirst("^Error: ", "");
  }

  private static String noName(String text, String problem) {
    return "'" + text + "' is not a VM name: " + problem;
  }

  private int usage(CommandLine.ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String near =
        wrong instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions().stream()
                .limit(3)
                .map(each -> "'" + each + "'")
                .reduce((one, other) -> one + " or " + other)
                .map(suggestions -> "did you mean " + suggestions + "? ")
                .orElse("")
            : "";
    new ErrorText(session.terminal())
        .print(
            ErrorCode.USAGE.text(),
            wrong instanceof UnmatchedArgumentException unmatched
                ? unmatched(unmatched, command)
                : words(wrong),
            near
                + dashes(command)
                + "see '"
                + command.getCommandSpec().qualifiedName()
                + " --help'");
    return ExitCode.USAGE;
  }

  /** Who leaves them out writes the guest's command where there is place for a name only. */
  private static String dashes(CommandLine command) {
    return WITH_COMMAND.contains(command.getCommandName())
        ? "the guest's command comes after two dashes; "
        : "";
  }
}
