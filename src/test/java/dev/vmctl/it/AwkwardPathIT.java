package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AwkwardPathIT {
  @TempDir Path directory;

  /** Longer than any unix socket's path, and with what has a meaning in QEMU's options. */
  @Test
  void aLongDataDirectoryWithACommaASpaceAndQuotesIsOneLikeAnyOther() throws Exception {
    SmallGuest guest = SmallGuest.ofThisMachine();
    String name = "Tom's \"VMs\", 100%=all" + "/and so on".repeat(12);
    try (Installation vmctl = Installation.in(directory, name)) {
      assertThat(vmctl.data().toString()).hasSizeGreaterThan(120);
      Files.writeString(
          directory.resolve("VMFile.kdl"), guest.vm("web", 128, "echo it\\'s \"fine\" > note"));
      vmctl.succeed("up");
      assertThat(vmctl.inGuest("web", "cat note")).isEqualTo("it's fine");
      assertThat(vmctl.status("web").path("paths").path("disk").asText())
          .startsWith(vmctl.data().toString());
      vmctl.succeed("down");
      vmctl.succeed("down", "--destroy");
      assertThat(vmctl.list()).isEmpty();
      assertThat(vmctl.trash()).hasSize(1);
    }
  }
}
