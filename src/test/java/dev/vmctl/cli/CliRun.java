package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs commands as a person would, on VMs in memory. */
final class CliRun {
  final ScriptedVmctl vmctl = new ScriptedVmctl();
  final List<List<String>> programs = new ArrayList<>();

  /** What VMFiles were last checked for. */
  @Nullable BackendTag checkedFor;

  final List<Diagnostic> diagnostics = new ArrayList<>();
  int programExitCode;
  String input = "";
  boolean inIsTerminal;
  boolean outIsTerminal;
  boolean errIsTerminal;
  boolean colour;

  /** How far the clock moves each time it is read. */
  Duration step = Duration.ZERO;

  final Map<String, String> environment = new HashMap<>();
  private final Path directory;
  private List<String> declared = List.of();

  /** What a command left behind. */
  record Result(int code, String out, String err) {}

  /**
   * @param directory the working directory; the data directory is below it
   */
  CliRun(Path directory) {
    this.directory = directory;
    environment.put("VMCTL_DATA_DIR", directory.resolve("data").toString());
    environment.put("VMCTL_SYSTEM_DATA_DIR", directory.resolve("system").toString());
  }

  /** Puts a VMFile that declares these VMs into the working directory. */
  void vmFile(String... names) {
    declared = List.of(names);
    try {
      Files.writeString(directory.resolve("VMFile.kdl"), "// read by a fake");
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            inIsTerminal,
            outIsTerminal,
            errIsTerminal,
            colour);
    AtomicLong nanos = new AtomicLong();
    Surroundings surroundings =
        new Surroundings(
            environment,
            directory,
            Path.of("/home/vm"),
            InstantSource.fixed(Vms.NOON),
            () -> nanos.getAndAdd(step.toNanos()));
    Session session =
        new Session(
            terminal,
            surroundings,
            new VmctlConnector(new FakeEngine()),
            new FakeFiles(),
            (command, output) -> {
              programs.add(command);
              return programExitCode;
            });
    int code = new Cli(session).run(arguments);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private final class FakeEngine implements LocalEngine {
    @Override
    public Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy) {
      return vmctl.opened();
    }

    @Override
    public Vmctl openReadOnly(Path dataDirectory) {
      return vmctl.opened();
    }
  }

  private final class FakeFiles implements VmFiles {
    @Override
    public Snapshot read(Path file) {
      boolean broken = diagnostics.stream().anyMatch(Diagnostic::isError);
      return new Snapshot(
          SourceId.file(file),
          broken ? Snapshot.Trust.PARTIAL : Snapshot.Trust.COMPLETE,
          "",
          "1",
          declared.stream().map(name -> declaration(name, file)).toList(),
          broken ? Set.of(file) : Set.of(),
          Set.of(file),
          diagnostics);
    }

    @Override
    public List<Diagnostic> check(List<Path> files, @Nullable BackendTag usual) {
      checkedFor = usual;
      return diagnostics;
    }

    @Override
    public void require(VmSpec spec) {}

    @Override
    public List<Path> find(Path place) {
      try (Stream<Path> files = Files.list(place)) {
        return files.filter(file -> file.toString().endsWith(".kdl")).sorted().toList();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public String render(Diagnostic diagnostic, boolean inColour) {
      return diagnostic.severity().text()
          + "["
          + diagnostic.code()
          + "]: "
          + diagnostic.message()
          + (inColour ? " (in colour)" : "");
    }
  }

  private static Declaration declaration(String name, Path file) {
    VmSpec spec = VmSpec.of(new VmName(name), new FieldValues());
    return new Declaration(spec, file, 1, Map.of());
  }

  static String lines(String... lines) {
    return String.join("\n", Arrays.asList(lines)) + "\n";
  }
}
