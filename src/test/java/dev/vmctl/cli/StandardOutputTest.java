package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandardOutputTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @Test
  @Fault(area = Area.HOST, value = "a full disk where a command's output goes")
  void whatCouldNotBeWrittenIsNoSuccess(Seen seen) {
    Terminal terminal = writingTo("No space left on device");
    terminal.out().println("data");

    assertThat(terminal.end(0)).isEqualTo(1);
    seen.ended(1, said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aReaderThatHasEnoughIsNoFailureButAnEnd() {
    Terminal terminal = writingTo("Broken pipe");
    assertThat(terminal.isRead()).isTrue();
    terminal.out().println("data");

    assertThat(terminal.isRead()).isFalse();
    assertThat(terminal.end(0)).isZero();
    assertThat(said.size()).isZero();
  }

  @Test
  void aProgramEndsWhenItsOutputCannotBeWritten() {
    Terminal terminal = writingTo("No space left on device");

    new SystemForeground().run(List.of("yes"), terminal.out());

    assertThat(terminal.end(0)).isEqualTo(1);
  }

  private Terminal writingTo(String failure) {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int written) throws IOException {
            throw new IOException(failure);
          }
        };
    return new Terminal(
        InputStream.nullInputStream(),
        new StandardOutput(broken),
        new PrintStream(said, true, StandardCharsets.UTF_8),
        false,
        false,
        false,
        false);
  }
}
