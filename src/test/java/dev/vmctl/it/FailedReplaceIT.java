package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM that gets another image, on which it does not come up. */
class FailedReplaceIT {
  @TempDir Path directory;

  @Test
  void itsLifecycleBringsTheOldDiskBackAndTheNextEditIsTried() throws Exception {
    Path watched = Files.createDirectory(directory.resolve("watched"));
    Path file = watched.resolve("web.kdl");
    TinyGuest good = TinyGuest.in(directory);
    byte[] says = Files.readAllBytes(good.image());
    says[7] = 'x'; // "ux": it powers itself off when asked to, but never says that it is up.
    TinyGuest bad = new TinyGuest(Files.write(directory.resolve("bad.raw"), says));
    try (Installation vmctl = Installation.in(directory, "data")) {
      Files.writeString(file, declared(good, ""));
      Daemon.start(vmctl, watched);
      JsonNode first = vmctl.awaitConverged("web");
      Object disk = inode(vmctl);

      Files.writeString(file, declared(bad, ""));
      vmctl.awaitEvent("ReplaceFailed", "brings the old one back");
      JsonNode back = vmctl.awaitConverged("web");

      assertThat(inode(vmctl)).isEqualTo(disk);
      assertThat(back.path("pid")).isNotEqualTo(first.path("pid"));
      assertThat(back.path("pinned").asLong()).isEqualTo(1);
      assertThat(vmctl.processes("qemu-system-x86_64")).hasSize(1);

      Files.writeString(file, declared(good, "labels { again \"yes\" }"));
      JsonNode after =
          vmctl.awaitStatus(
              "web", now -> now.path("pinned").asLong() == 0 && Installation.isConverged(now));
      assertThat(after.path("labels").path("again").asText()).isEqualTo("yes");
    }
  }

  private static String declared(TinyGuest guest, String more) {
    return guest.vm(
        "web",
        "ready { log \"up\"; timeout \"4s\" }",
        "lifecycle { on-failed-replace \"restore\" }",
        more);
  }

  private static Object inode(Installation vmctl) throws Exception {
    return Files.getAttribute(vmctl.data().resolve("vms/web/overlay.qcow2"), "unix:ino");
  }
}
