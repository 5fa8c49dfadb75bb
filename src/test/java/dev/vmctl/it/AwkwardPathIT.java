package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AwkwardPathIT {
  @TempDir Path directory;

  @Test
  void aDataDirectoryWithACommaASpaceAndQuotesIsOneLikeAnyOther() throws Exception {
    SmallGuest guest = SmallGuest.ofThisMachine();
    try (Installation vmctl = Installation.in(directory, "Tom's \"VMs\", 100%=all")) {
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
