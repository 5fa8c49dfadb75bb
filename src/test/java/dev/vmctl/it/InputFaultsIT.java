package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.QemuImg;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VMFiles and images that are not what they should be, given to the real thing. */
class InputFaultsIT {
  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    installation = Installation.in(directory, "data");
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  @Fault(area = Area.IMAGE, value = "the image is")
  void anImageThatCannotBeUsedStopsItsMachineAlone(Seen seen) throws Exception {
    Map<String, String> images = new LinkedHashMap<>();
    images.put("missing", "image \"missing.qcow2\"");
    images.put("a-directory", "image \".\"");
    images.put("empty", "image \"empty.qcow2\"");
    images.put("a-web-page", "image \"page.qcow2\"");
    images.put("truncated", "image \"truncated.qcow2\"");
    images.put("on-a-backing-file", "image \"overlay.qcow2\"");
    images.put("on-a-backing-file-that-is-gone", "image \"orphan.qcow2\"");
    images.put("larger-than-the-disk", "image \"large.raw\"\n  disk \"1M\"");
    makeImages();
    StringBuilder file = new StringBuilder("vm \"well\" {\n  backend \"noop\"\n}\n");
    images.forEach(
        (name, image) -> file.append("vm \"%s\" {\n  %s\n  memory 64\n}\n".formatted(name, image)));
    Files.writeString(directory.resolve("VMFile.kdl"), file);

    Installation.Ended up = vmctl().vmctl("up");

    assertThat(up.exitCode()).as("%s", up).isEqualTo(1);
    assertThat(vmctl().status("well").path("state").asText()).isEqualTo("running");
    for (String name : images.keySet()) {
      JsonNode failure = vmctl().status(name).path("failure");
      seen.calling(directory.toRealPath(), "<dir>")
          .says(
              name,
              "error[%s]: %s\n  help: %s"
                  .formatted(
                      failure.path("code").asText(),
                      failure.path("message").asText(),
                      failure.path("help").asText()));
    }
    assertThat(vmctl().data().resolve("images/parts"))
        .satisfiesAnyOf(
            parts -> assertThat(parts).doesNotExist(),
            parts -> assertThat(parts).isDirectoryNotContaining("glob:**.part"));
  }

  private void makeImages() throws Exception {
    Files.createFile(directory.resolve("empty.qcow2"));
    Files.writeString(directory.resolve("page.qcow2"), "<!DOCTYPE html><html>" + "x".repeat(1003));
    Path whole = directory.resolve("whole.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", whole.toString(), "8M");
    Files.write(
        directory.resolve("truncated.qcow2"),
        java.util.Arrays.copyOf(Files.readAllBytes(whole), 100));
    QemuImg.succeed(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        whole.toString(),
        "-F",
        "qcow2",
        directory.resolve("overlay.qcow2").toString());
    Path gone = Files.copy(whole, directory.resolve("gone.qcow2"));
    QemuImg.succeed(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        gone.toString(),
        "-F",
        "qcow2",
        directory.resolve("orphan.qcow2").toString());
    Files.delete(gone);
    try (RandomAccessFile large =
        new RandomAccessFile(directory.resolve("large.raw").toFile(), "rw")) {
      large.setLength(64 << 20);
    }
  }

  @Test
  @Fault(area = Area.VMFILE, value = "the file is")
  void aFileThatCannotBeUsedIsShownWithItsPlace(Seen seen) throws Exception {
    Files.writeString(directory.resolve("broken.kdl"), "vm \"web\" {\n    image \"unended\n}\n");
    Files.writeString(
        directory.resolve("twice.kdl"), "vm \"web\" { backend \"noop\" }\n".repeat(2));
    for (String name : new String[] {"broken", "twice"}) {
      Installation.Ended up = vmctl().vmctl("up", "--file", name + ".kdl");
      assertThat(up.exitCode()).as("%s", name).isEqualTo(1);
      assertThat(up.err().length()).as("what is said of " + name).isLessThan(3000);
      seen.calling(directory.toRealPath(), "<dir>").says(name, up.err().strip() + "\nexit code 1");
    }
    assertThat(vmctl().list()).isEmpty();
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
