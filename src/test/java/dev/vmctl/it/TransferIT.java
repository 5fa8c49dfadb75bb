package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM goes out, comes in, and gets another name: with the real hypervisor, by real commands. */
class TransferIT {
  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    installation = Installation.in(directory, "data");
    // Under root the copies are written by a QEMU that has given it up.
    installation.within(List.of(), Map.of("VMCTL_QEMU_USER", "nobody"));
    byte[] content = new byte[3 << 20];
    new Random(1).nextBytes(content);
    try (RandomAccessFile file = new RandomAccessFile(image().toFile(), "rw")) {
      file.seek(1 << 20);
      file.write(content);
      file.setLength(16 << 20);
    }
    declare("web");
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  void aRunningMachineIsExportedAndComesInBesideItself() throws Exception {
    vmctl().succeed("up");
    JsonNode web = vmctl().status("web");
    Installation.Ended export = vmctl().succeed("export", "web");
    Path archive = Path.of(export.out().strip());
    assertThat(archive).isEqualTo(directory.toRealPath().resolve("web.vmctl.zip"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
        .isEqualTo("rw-------");
    assertThat(vmctl().status("web").path("pid")).isEqualTo(web.path("pid"));
    assertSameContent(archive);
    assertThat(leftovers()).isEmpty();

    vmctl().succeed("import", archive.toString(), "--name", "copy");

    JsonNode copy = vmctl().status("copy");
    assertThat(copy.path("state").asText()).isEqualTo("stopped");
    assertThat(copy.path("uuid")).isNotEqualTo(web.path("uuid"));
    vmctl().succeed("start", "copy");
    assertThat(vmctl().status("copy").path("state").asText()).isEqualTo("running");
    assertThat(vmctl().status("web").path("state").asText()).isEqualTo("running");
  }

  @Test
  void aDaemonExportsAndImportsAndTheMachineKeepsItsIdentity() throws Exception {
    Daemon.start(vmctl(), Files.createDirectory(directory.resolve("watched")));
    vmctl().succeed("up");
    JsonNode web = vmctl().status("web");
    vmctl().succeed("export", "web", "running.zip");
    vmctl().succeed("stop", "web");
    vmctl().succeed("export", "web", "stopped.zip");
    assertSameContent(directory.resolve("running.zip"));
    assertSameContent(directory.resolve("stopped.zip"));
    vmctl().succeed("destroy", "web");

    vmctl().succeed("import", "running.zip");
    assertThat(vmctl().status("web").path("uuid")).isEqualTo(web.path("uuid"));

    declare("shop");
    vmctl().succeed("rename", "web", "shop");
    JsonNode shop = vmctl().status("shop");
    assertThat(shop.path("uuid")).isEqualTo(web.path("uuid"));
    assertThat(vmctl().list()).hasSize(1);
    vmctl().succeed("up");
    JsonNode up = vmctl().status("shop");
    assertThat(up.path("state").asText()).isEqualTo("running");
    assertThat(up.path("uuid")).isEqualTo(web.path("uuid"));
    assertThat(vmctl().trash()).as("only what destroy put there").hasSize(1);
  }

  @Test
  @Fault(area = Area.DATA, value = "a VM cannot be exported, imported or renamed")
  void whatCannotBeDoneLeavesEverythingAsItWas(Seen seen) throws Exception {
    vmctl().succeed("up");
    Files.writeString(directory.resolve("no.zip"), "this is no archive");
    refused(seen, "import of something else", "import", "no.zip");
    refused(seen, "rename of what is declared", "rename", "web", "shop");
    declare("other");
    refused(seen, "rename of what runs", "rename", "web", "shop");
    refused(seen, "export over a file", "export", "web", "no.zip");
    vmctl().succeed("export", "web", "web.zip");
    refused(seen, "import of a name that is taken", "import", "web.zip");
    assertThat(vmctl().status("web").path("state").asText()).isEqualTo("running");
    assertThat(vmctl().list()).hasSize(1);
    assertThat(leftovers()).isEmpty();
  }

  private void refused(Seen seen, String what, String... command) throws Exception {
    Installation.Ended ended = vmctl().vmctl(command);
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    seen.calling(directory.toRealPath(), "<dir>").says(what, ended.err().strip() + "\nexit code 1");
  }

  /** The disk in the archive has no base, and what the image has. */
  private void assertSameContent(Path archive) throws Exception {
    Path disk = directory.resolve("unpacked.qcow2");
    Files.deleteIfExists(disk);
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Files.copy(zip.getInputStream(zip.getEntry("overlay.qcow2")), disk);
    }
    assertThat(run("qemu-img", "info", disk.toString())).doesNotContain("backing file");
    assertThat(run("qemu-img", "compare", disk.toString(), image().toString()))
        .contains("identical");
  }

  private String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  private java.util.List<String> leftovers() throws IOException {
    try (var files = Files.walk(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".") && !name.startsWith(".lock"))
          .toList();
    }
  }

  private Path image() {
    return directory.resolve("image.raw");
  }

  private void declare(String name) throws IOException {
    Files.writeString(
        directory.resolve("VMFile.kdl"),
        "vm \"%s\" {\n  image \"image.raw\"\n  vcpus 1\n  memory 64\n}\n".formatted(name));
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
