package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StartupFailureTest {
  @Test
  void aKnownFailureIsToldWithoutATrace() {
    VmException locked =
        new VmException(ErrorCode.STORE_LOCKED, "process 7 (vmctl) has it", "end that one");
    assertThat(printed(new RuntimeException("Failed to start", locked)))
        .isEqualTo("error[store.locked]: process 7 (vmctl) has it\n  help: end that one\n");
  }

  @Test
  void aTakenPortIsNamedWithTheOptionThatChangesIt() {
    Exception bind = new IllegalStateException("no", new BindException("Address already in use"));
    assertThat(printed(bind))
        .isEqualTo(
            "error[network.port_taken]: cannot serve metrics and health on 127.0.0.1:9464:"
                + " Address already in use\n"
                + "  help: name another port with --listen 127.0.0.1:PORT, or none with"
                + " --listen none\n");
  }

  @Test
  void aBugShowsItsTrace() {
    assertThat(printed(new IllegalStateException("oops")))
        .startsWith("error[internal]: the daemon could not start: ")
        .contains("\tat dev.vmctl.daemon.StartupFailureTest");
  }

  private static String printed(Throwable failure) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StartupFailure.of(failure, Listen.DEFAULT)
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
