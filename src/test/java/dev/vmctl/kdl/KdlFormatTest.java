package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KdlFormatTest {
  private static final Path BASE =
      Path.of(System.getProperty("vmctl.basedir", System.getProperty("user.dir")));

  private static String format(String text) {
    KdlParse parse = KdlReader.parse(text, "test");
    assertThat(parse.problems()).isEmpty();
    return KdlWriter.formatted(parse.document());
  }

  @Test
  void everythingGetsItsPlaceAndCommentsKeepTheirs() {
    String messy =
        """
        // the head


        vm   "web"   {   // the web server
          image	"a.qcow2" ;vcpus   2;;


             /* before */ memory   "2GiB"     // enough
        \tnetwork "tap"   {bridge   "br0"   ;}
           ssh {
        user "ann" } ;  /* after */

            // the last word
        }
        vm "db"   {   }  // none
        /-   vm "off" {
          vcpus   3
        }
        /- memory   5
        // the end
        """
            .replace(";;", ";");

    assertThat(format(messy))
        .isEqualTo(
            """
            // the head

            vm "web" { // the web server
                image "a.qcow2"
                vcpus 2

                /* before */ memory "2GiB" // enough
                network "tap" { bridge "br0" }
                ssh {
                    user "ann"
                } /* after */

                // the last word
            }
            vm "db" {} // none
            /- vm "off" {
                vcpus 3
            }
            /- memory 5
            // the end
            """);
  }

  @Test
  void whatIsWrittenInOneWayOfSeveralStaysSo() {
    String text =
        """
        a 0x1F 1_000 1.50 "bare" bare #"raw"# key="v" "k k"=(u8)5
        b \"""
            several
              lines
            \"""
        (t)c /-gone 1 /-{ not }
        """;

    assertThat(format(text)).isEqualTo(text);
  }

  @Test
  void aBlockThatDoesNotFitIsWrittenOverSeveralLines() {
    String long1 = "x".repeat(50);

    assertThat(format("a { b \"" + long1 + "\"; c \"" + long1 + "\" }\n"))
        .isEqualTo("a {\n    b \"" + long1 + "\"\n    c \"" + long1 + "\"\n}\n");
  }

  @Test
  void lineEndsAndTheByteOrderMarkAreMadeUsual() {
    assertThat(format("\uFEFFa 1\r\nb { c }\r\n")).isEqualTo("a 1\nb { c }\n");
    assertThat(format("/- kdl-version 1\r\na true\r\n")).isEqualTo("/- kdl-version 1\na true\n");
    assertThat(format("/- kdl-version 1\n\n\na true")).isEqualTo("/- kdl-version 1\n\na true\n");
    assertThat(format("")).isEmpty();
    assertThat(format("\n\n// only\n\n")).isEqualTo("// only\n");
  }

  @Test
  void aSlashdashedNodeIsNeverMadeAVersionMarker() {
    String text = "\n/- kdl-version 1\n\nnode #true";
    assertThat(format(text)).isEqualTo(text);
  }

  @Test
  void lineContinuationsNeverSwallowANewline() {
    for (String text :
        List.of(
            "a \\\n\nb\n",
            "a \\ // why\n  1\nb\n",
            "a 1 \\\n",
            "a { b \\\n\n }\nc",
            "a\\\n;b",
            "a \\ // c",
            "a \\\n /* c */\nb",
            "a \\")) {
      check(text);
    }
  }

  /** Whatever is valid keeps its meaning, and is laid out once and for all. */
  @TestFactory
  Stream<DynamicTest> formattingTwiceIsFormattingOnceAndChangesNoMeaning() {
    Path suites = BASE.resolveSibling("shared").resolve("kdl-tests");
    return Stream.of(
            suites.resolve("v1/input"),
            suites.resolve("v2/input"),
            BASE.resolve("examples"),
            BASE.resolve("src/test/resources/vmfile"))
        .filter(Files::isDirectory)
        .flatMap(KdlFormatTest::files)
        .filter(file -> file.toString().endsWith(".kdl"))
        .map(file -> DynamicTest.dynamicTest(file.toString(), () -> check(text(file))));
  }

  private static Stream<Path> files(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  static void check(String text) {
    KdlParse parse = KdlReader.parse(text, "before");
    if (!parse.isValid()) {
      return;
    }
    String once = KdlWriter.formatted(parse.document());
    KdlParse again = KdlReader.parseAs(new KdlSource("after", once), parse.version());
    assertThat(again.problems()).as(once).isEmpty();
    assertThat(KdlWriter.canonical(again.document()))
        .as(once)
        .isEqualTo(KdlWriter.canonical(parse.document()));
    assertThat(KdlWriter.formatted(again.document())).isEqualTo(once);
  }
}
