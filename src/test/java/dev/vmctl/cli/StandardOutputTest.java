package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
  void whatCouldNotBeWrittenIsNoSuccess() {
    Terminal terminal = writingTo("No space left on device");
    terminal.out().println("data");

    assertThat(terminal.end(0)).isEqualTo(1);
    assertThat(terminal.end(255)).isEqualTo(255);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .startsWith("error[io]: not all of the output was written: No space left on device")
        .contains("help:");
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
