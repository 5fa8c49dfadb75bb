package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {
  private static final String HALF = "downloading 50 % of 500 MB, 1 min 3 s left, 4.0 MB/s";

  private long now = 1;
  private TerminalSize size = new TerminalSize(80, 24);

  private TerminalProgress on(Screen screen) {
    return new TerminalProgress(screen.terminal(true), () -> now, () -> size);
  }

  private void passes(double seconds) {
    now += (long) (seconds * 1e9);
  }

  @Test
  void eachHasALineOfItsOwnWithABarAndItsFigures() {
    Screen screen = new Screen(80, 24);
    try (TerminalProgress progress = on(screen)) {
      progress.phase("https://example.org/debian-12.qcow2", HALF);
      passes(2);
      progress.phase("b.img", "downloading 4.0 MB, 2.0 MB/s");
    }
    assertThat(screen.lines())
        .containsExactly(
            "debian-12.qcow2  [######-------] 50 % of 500 MB, 1 min 3 s left, 4.0 MB/s  2.0s",
            "b.img            downloading 4.0 MB, 2.0 MB/s  2.0s");
  }

  @Test
  void whatHasEndedStaysWithItsTimeAndNothingElseIsLeft() {
    Screen screen = new Screen(80, 24);
    try (TerminalProgress progress = on(screen)) {
      progress.phase("a", HALF);
      progress.phase("b", HALF);
      passes(1);
      progress.end("a", "pulled", true);
      passes(1);
      progress.output(
          "b", "a line from the guest, longer than what it is written over, by far and more");
      progress.end("b", "failed: no\nroom\u001b[2J left", false);
      passes(1);
      progress.tick();
    }
    screen.terminal(false).say("the next message");
    assertThat(screen.lines())
        .containsExactly(
            "[b] a line from the guest, longer than what it is written over, by far and more",
            "a  pulled  1.0s",
            "b  failed: no room [2J left  2.0s",
            "the next message");
  }

  @Test
  void aLongLineIsCutAndNeverBroken() {
    for (int columns : List.of(20, 40, 60, 80, 120, 200)) {
      size = new TerminalSize(columns, 24);
      Screen screen = new Screen(columns, 24);
      try (TerminalProgress progress = on(screen)) {
        progress.phase(
            "https://example.org/a/long/way/down/to/debian-12-generic-amd64.qcow2.zst", HALF);
        progress.phase("web", HALF + ": image https://example.org/" + "x".repeat(200));
        progress.phase("web", HALF + ": image https://example.org/" + "x".repeat(200));
      }
      assertThat(screen.lines()).as(columns + " columns").hasSize(2);
      assertThat(screen.lines().get(1))
          .startsWith("web ")
          .hasSizeLessThan(columns)
          .endsWith("0.0s");
    }
  }

  @Test
  void aNarrowTerminalHasTheFiguresAndAWideOneTheWordToo() {
    assertThat(shownOf("a", 40)).isEqualTo("a  50 % of 500 MB, 1 min 3 s lef…  0.0s");
    assertThat(shownOf("a", 120))
        .isEqualTo(
            "a  downloading [##########----------] 50 % of 500 MB, 1 min 3 s left, 4.0 MB/s  0.0s");
  }

  private String shownOf(String name, int columns) {
    size = new TerminalSize(columns, 24);
    Screen screen = new Screen(columns, 24);
    try (TerminalProgress progress = on(screen)) {
      progress.phase(name, HALF);
    }
    return screen.lines().getFirst();
  }

  @Test
  void whatDoesNotFitTheTerminalIsCountedAndToldAtTheEnd() {
    size = new TerminalSize(80, 4);
    Screen screen = new Screen(80, 4);
    TerminalProgress progress = on(screen);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      progress.phase(name, "starting");
    }
    assertThat(screen.lines())
        .containsExactly("a  starting  0.0s", "b  starting  0.0s", "… and 3 more");

    progress.end("a", "running", true);
    progress.end("b", "running", true);
    progress.end("c", "running", true);
    assertThat(screen.lines())
        .containsExactly("d  starting  0.0s", "e  starting  0.0s", "… and 3 more");

    progress.end("d", "running", true);
    progress.end("e", "running", true);
    progress.close();
    assertThat(screen.lines())
        .containsExactly(
            "a  running  0.0s",
            "b  running  0.0s",
            "c  running  0.0s",
            "d  running  0.0s",
            "e  running  0.0s");
  }

  @Test
  void aTerminalThatHasBecomeNarrowerIsDrawnOverAllTheSame() {
    Screen screen = new Screen(40, 24);
    TerminalProgress progress = on(screen);
    // The line is longer than the 40 columns there are when it is drawn over: it has been broken.
    progress.phase("a", "downloading 50 % of 500 MB, 4.0 MB/s");
    size = new TerminalSize(40, 24);
    progress.tick();
    assertThat(screen.lines()).containsExactly("a  50 % of 500 MB, 4.0 MB/s  0.0s");
  }

  @Test
  void withoutColourThereIsNone() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(System.in, err, err, true, true, true, false);
    try (TerminalProgress progress = new TerminalProgress(terminal, () -> now, () -> size)) {
      progress.end("a", "failed", false);
    }
    assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("m").contains("failed");
  }
}
