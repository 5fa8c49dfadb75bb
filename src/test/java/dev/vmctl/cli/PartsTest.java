package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PartsTest {
  @ParameterizedTest
  @CsvSource({"30,30", "45s,45", "10m,600", "1h30m,5400", "2d,172800", "1m5,65", "0,0"})
  void timesAreReadAsPeopleWriteThem(String text, long seconds) {
    assertThat(DurationText.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1x", "s", "1.5s", "99999999999999999999"})
  void otherTimesAreRefused(String text) {
    assertThatThrownBy(() -> DurationText.parse(text)).isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0.0s",
    "1234,1.2s",
    "9999,10.0s",
    "10000,10s",
    "59999,59s",
    "61000,1m01s",
    "3600000,60m00s"
  })
  void elapsedTimeIsShort(long millis, String text) {
    assertThat(DurationText.of(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @Test
  void columnsAreAlignedWithoutTrailingBlanks() {
    assertThat(new TableText("A", "LONG", "C").row("über", "x", "").row("b", "", "z").text())
        .isEqualTo("A     LONG  C\nüber  x\nb           z\n");
  }

  @Test
  void linesAreCutWhereverThePiecesEnd() {
    List<String> seen = new ArrayList<>();
    Lines lines = new Lines(seen::add);
    byte[] text = "ä\r\n\nlast".getBytes(StandardCharsets.UTF_8);
    for (byte each : text) {
      lines.add(new byte[] {each});
    }

    assertThat(seen).containsExactly("ä", "");
    lines.end();
    assertThat(seen).containsExactly("ä", "", "last");
  }

  @Test
  void aLineWithoutEndIsCut() {
    List<String> seen = new ArrayList<>();
    new Lines(seen::add).add("x".repeat(20_000).getBytes(StandardCharsets.UTF_8));

    assertThat(seen).hasSize(2).allSatisfy(line -> assertThat(line).hasSize(8192));
  }

  @Test
  void escapeSequencesSplitOverPiecesAreTakenOut() {
    PlainText plain = new PlainText();
    StringBuilder seen = new StringBuilder();
    for (String piece : "a\u001b[1;31mb\u001bMc\u001b]8;;x\u001b\\d\te\u009b\n".split("", -1)) {
      seen.append(plain.of(piece));
    }

    assertThat(seen.toString()).isEqualTo("abcd\te\n");
  }

  @Test
  void theHomeDirectoryIsTheShells() {
    Path otherwise = Path.of("/from/passwd");
    assertThat(Surroundings.home(Map.of("HOME", "/elsewhere"), otherwise))
        .isEqualTo(Path.of("/elsewhere"));
    assertThat(Surroundings.home(Map.of("HOME", ""), otherwise)).isEqualTo(otherwise);
    assertThat(Surroundings.home(Map.of(), otherwise)).isEqualTo(otherwise);
  }
}
