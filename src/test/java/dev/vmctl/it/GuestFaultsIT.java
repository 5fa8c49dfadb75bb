package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests that do not do what they should, beside one that does. */
class GuestFaultsIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();

  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static long bystander;

  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    declare(GUEST.vm("bad", 128));
    vmctl().succeed("up");
    bystander = vmctl().status("good").path("pid").asLong();
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "never boots")
  void aGuestThatNeverBootsIsSaidToBeWaitedFor(Seen seen) throws Exception {
    Path empty = directory.resolve("empty.raw");
    try (RandomAccessFile file = new RandomAccessFile(empty.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    declare(
        """
        vm "blank" {
            image "%s"
            memory 64
            ready { ssh; timeout "3s"; }
        }
        """
            .formatted(empty));
    Installation.Ended up = vmctl().vmctl("up", "--name", "blank", "--timeout", "60s");
    seen.ended(up.exitCode(), errors(up).replaceAll("\\d+ ms", "<time>"));
    JsonNode blank = vmctl().status("blank");
    assertThat(blank.path("state").asText()).isEqualTo("running");
    assertThat(blank.path("ready").asBoolean()).isFalse();
    vmctl().succeed("destroy", "blank", "--purge");
    assertBystanderIsWell();
  }

  @Test
  @Fault(area = Area.GUEST, value = "fills its disk during a step")
  void aStepThatFillsTheDiskFailsWithTheGuestsOwnWords(Seen seen) throws Exception {
    String step =
        "LC_ALL=C dd if=/dev/zero of=full bs=1M 2>&1 | grep -o 'No space.*'; rm full; exit 1";
    declare(GUEST.vm("bad", 128, step));
    Installation.Ended up = vmctl().vmctl("up", "--name", "bad");
    seen.ended(up.exitCode(), errors(up));
    assertThat(vmctl().status("bad").path("ready").asBoolean()).isTrue();
    assertBystanderIsWell();
  }

  @Test
  @Fault(area = Area.GUEST, value = "a step that never ends")
  void aStepThatNeverEndsEndsTheWaitingOnly(Seen seen) throws Exception {
    declare(GUEST.vm("bad", 128, "echo begun; sleep 3000"));
    // A busy machine may take longer until the step has begun at all.
    Installation.Ended up = vmctl().vmctl("up", "--name", "bad", "--timeout", "8s");
    if (!up.err().contains("begun")) {
      up = vmctl().vmctl("up", "--name", "bad", "--timeout", "60s");
    }
    seen.calling("60s", "<time>").calling("8.0s", "<time>").ended(up.exitCode(), errors(up));
    vmctl().succeed("stop", "bad", "--timeout", "20s");
    assertBystanderIsWell();
  }

  @Test
  @Fault(area = Area.GUEST, value = "panics")
  void aPanicIsSaidAndTheNextUpBringsTheGuestBack(Seen seen) throws Exception {
    declare(GUEST.vm("bad", 128));
    vmctl().succeed("up", "--name", "bad");
    JsonNode before = vmctl().status("bad");
    // It hears no more of a guest that stands still: nobody waits for its end.
    vmctl().start("ssh", "bad", "--", "echo c | sudo -n tee /proc/sysrq-trigger");
    vmctl().awaitStatus("bad", now -> !now.path("state").asText().equals("running"));

    vmctl().succeed("up", "--name", "bad");

    JsonNode after = vmctl().status("bad");
    assertThat(after.path("pid")).isNotEqualTo(before.path("pid"));
    assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
    seen.says(
        vmctl().events().stream()
            .filter(event -> event.path("vm").asText().equals("bad"))
            .filter(
                event -> List.of("GuestPanic", "Restarted").contains(event.path("reason").asText()))
            .map(event -> event.path("reason").asText() + ": " + event.path("message").asText())
            .reduce((one, other) -> one + "\n" + other)
            .orElse(""));
    assertBystanderIsWell();
  }

  private static void assertBystanderIsWell() throws Exception {
    JsonNode good = vmctl().status("good");
    assertThat(good.path("pid").asLong()).isEqualTo(bystander);
    assertThat(vmctl().inGuest("good", "echo well")).isEqualTo("well");
  }

  /** What was said of the failure, without the progress before it. */
  private static String errors(Installation.Ended ended) {
    return ended.err().substring(Math.max(0, ended.err().indexOf("error[")));
  }

  private static void declare(String bad) throws Exception {
    Files.writeString(directory.resolve("VMFile.kdl"), GUEST.vm("good", 128) + "\n" + bad);
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
