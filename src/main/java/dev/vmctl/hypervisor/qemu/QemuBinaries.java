package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds QEMU and asks it once what it can do; the answer is kept in a file for as long as the
 * program stays the same.
 */
final class QemuBinaries {
  private static final System.Logger LOG = Log.of(QemuBinaries.class);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String INSTALL =
      "install QEMU (Debian, Ubuntu: apt-get install qemu-system-x86)";

  // Options by JSON for devices came with 6.2, the newest of what we need.
  private static final int MAJOR = 6;
  private static final int MINOR = 2;

  private final HostProcesses processes;
  private final HostFacts facts;
  private final Path directory;
  private final String program;
  private @Nullable QemuBinary known;

  /**
   * @param directory where the answer is kept
   * @param program name on the PATH, or absolute path
   */
  QemuBinaries(HostProcesses processes, HostFacts facts, Path directory, String program) {
    this.processes = processes;
    this.facts = facts;
    this.directory = directory;
    this.program = program;
  }

  /**
   * The program as it is now.
   *
   * @throws VmException QEMU_NOT_FOUND, QEMU_FEATURE_MISSING for one that is too old
   */
  synchronized QemuBinary current() throws InterruptedException {
    Path path =
        facts
            .findProgram(program)
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.QEMU_NOT_FOUND, program + " is not installed", INSTALL));
    String fingerprint = QemuBinary.fingerprint(path);
    QemuBinary binary = known == null ? read() : known;
    if (binary == null || !binary.fingerprint().equals(fingerprint)) {
      binary = ask(path, fingerprint);
      write(binary);
    }
    known = binary;
    if (!binary.atLeast(MAJOR, MINOR)) {
      throw new VmException(
          ErrorCode.QEMU_FEATURE_MISSING,
          path + " is QEMU " + binary.major() + "." + binary.minor(),
          "vmctl needs QEMU " + MAJOR + "." + MINOR + " or newer");
    }
    return binary;
  }

  private QemuBinary ask(Path path, String fingerprint) throws InterruptedException {
    ToolRun questions =
        new ToolRun(
            List.of(
                path.toString(),
                "-nodefaults",
                "-no-user-config",
                "-machine",
                "none",
                "-display",
                "none",
                "-qmp",
                "stdio"),
            Map.of(),
            """
            {"execute": "qmp_capabilities"}
            {"execute": "query-machines", "id": "machines"}
            {"execute": "query-command-line-options", "id": "options"}
            {"execute": "quit"}
            """,
            DEADLINE);
    ToolResult result = processes.run(questions);
    try (MappingIterator<JsonNode> messages =
        Json.mapper().readerFor(JsonNode.class).readValues(result.output())) {
      return understand(path, fingerprint, messages.readAll());
    } catch (IOException | IllegalStateException e) {
      throw new VmException(
          ErrorCode.QEMU_NOT_FOUND,
          path + " does not answer as QEMU does: " + result.errors().strip(),
          INSTALL,
          e);
    }
  }

  private static QemuBinary understand(Path path, String fingerprint, List<JsonNode> messages) {
    JsonNode version = messages.stream().findFirst().orElseThrow(IllegalStateException::new);
    version = version.path("QMP").path("version").path("qemu");
    if (!version.path("major").isInt()) {
      throw new IllegalStateException("no greeting");
    }
    Set<String> machines = new HashSet<>();
    Map<String, String> aliases = new HashMap<>();
    for (JsonNode machine : reply(messages, "machines")) {
      machines.add(machine.path("name").asText());
      if (machine.has("alias")) {
        aliases.put(machine.get("alias").asText(), machine.path("name").asText());
      }
    }
    boolean sandbox = false;
    for (JsonNode option : reply(messages, "options")) {
      sandbox |= option.path("option").asText().equals("sandbox");
    }
    int major = version.path("major").asInt();
    int minor = version.path("minor").asInt();
    return new QemuBinary(path, fingerprint, major, minor, machines, aliases, sandbox);
  }

  private static JsonNode reply(List<JsonNode> messages, String id) {
    return messages.stream()
        .filter(message -> message.path("id").asText().equals(id) && message.has("return"))
        .map(message -> message.get("return"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no reply about " + id));
  }

  private @Nullable QemuBinary read() {
    Path file = file();
    try {
      return Files.exists(file) ? Json.mapper().readValue(file.toFile(), QemuBinary.class) : null;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "qemu.json cannot be read; asking QEMU anew", e);
      return null;
    }
  }

  private void write(QemuBinary binary) {
    try {
      Files.createDirectories(directory);
      AtomicFiles.write(file(), Json.mapper().writeValueAsBytes(binary), AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file(), e);
    }
  }

  private Path file() {
    return directory.resolve("qemu.json");
  }
}
