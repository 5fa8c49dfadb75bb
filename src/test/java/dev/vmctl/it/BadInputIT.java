package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people get wrong is refused before anything is made. */
class BadInputIT {
  private final SmallGuest guest = SmallGuest.ofThisMachine();
  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    installation = Installation.in(directory, "data");
  }

  @AfterEach
  void close() {
    vmctl().close();
  }

  @Test
  void aMissingImageIsNamedAndNothingIsStarted() throws Exception {
    Path image = directory.resolve("nosuch.qcow2");
    declare(guest.vm("web", 128, image));
    Installation.Ended up = vmctl().vmctl("up");
    assertThat(up.exitCode()).as("%s", up).isEqualTo(1);
    assertThat(up.err()).contains("error[image.not_found]", image.toString());
    assertThat(up.err()).as("what went wrong, once and for people").doesNotContain("Exception");
    JsonNode web = vmctl().status("web");
    assertThat(web.path("state").asText()).isEqualTo("failed");
    assertThat(web.path("pid").isNull()).isTrue();
  }

  @Test
  void aFileThatIsNotKdlIsShownWhereItBreaks() throws Exception {
    declare("vm \"web\" {\n    memory 128\n    image \"unended\n}\n");
    Installation.Ended up = vmctl().vmctl("up");
    assertThat(up.exitCode()).as("%s", up).isEqualTo(1);
    assertThat(up.err()).contains("VMFile.kdl:3:11");
    assertThat(vmctl().list()).isEmpty();
  }

  @Test
  void anUnknownNodeIsAnsweredWithTheNearestOne() throws Exception {
    declare(guest.vm("web", 128).replace("memory 128", "memroy 128"));
    Installation.Ended up = vmctl().vmctl("up");
    assertThat(up.exitCode()).as("%s", up).isEqualTo(1);
    assertThat(up.err()).contains("VMFile.kdl:7:5", "memroy", "'memory'");
    assertThat(vmctl().list()).isEmpty();
  }

  @Test
  void anUnknownOptionIsAUsageError() throws Exception {
    Installation.Ended up = vmctl().vmctl("up", "--nosuch");
    assertThat(up.exitCode()).isEqualTo(64);
    assertThat(up.err()).contains("--nosuch");
  }

  private void declare(String content) throws IOException {
    Files.writeString(directory.resolve("VMFile.kdl"), content);
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
