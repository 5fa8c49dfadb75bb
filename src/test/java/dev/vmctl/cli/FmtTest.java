package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FmtTest {
  private static final String MESSY = "vm  \"a\"   {\n  image \"i\" // base\n}\n";
  private static final String NEAT = "vm \"a\" {\n    image \"i\" // base\n}\n";

  @TempDir private Path directory;
  private CliRun cli = new CliRun(Path.of(""));

  @BeforeEach
  void create() {
    cli = new CliRun(directory);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  @Test
  void theFileIsWrittenInPlaceWithItsModeAndThenIsDone() throws IOException {
    Path file = file("VMFile.kdl", MESSY);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertThat(cli.run("fmt")).isEqualTo(new CliRun.Result(0, "", "formatted VMFile.kdl\n"));

    assertThat(file).hasContent(NEAT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(cli.run("fmt")).isEqualTo(new CliRun.Result(0, "", ""));
    assertThat(directory).isDirectoryNotContaining("glob:**.vmctl-fmt");
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path file = file("real.kdl", MESSY);
    Files.createSymbolicLink(directory.resolve("VMFile.kdl"), file);

    cli.run("fmt");

    assertThat(directory.resolve("VMFile.kdl")).isSymbolicLink();
    assertThat(file).hasContent(NEAT);
  }

  @Test
  void checkNamesWhatIsNotLaidOutSoAndWritesNothing() throws IOException {
    Path file = file("a.kdl", MESSY);
    file("b.kdl", NEAT);

    assertThat(cli.run("fmt", "--check", ".")).isEqualTo(new CliRun.Result(1, "a.kdl\n", ""));
    assertThat(file).hasContent(MESSY);
    assertThat(cli.run("fmt", "--check", "b.kdl").code()).isZero();
  }

  @Test
  void diffShowsWhatWouldChange() throws IOException {
    Path file = file("a.kdl", MESSY);

    CliRun.Result result = cli.run("fmt", "--diff", "a.kdl");

    assertThat(result.out())
        .isEqualTo(
            """
            --- a.kdl
            +++ a.kdl
            @@ -1,3 +1,3 @@
            -vm  "a"   {
            -  image "i" // base
            +vm "a" {
            +    image "i" // base
             }
            """);
    assertThat(result.code()).isZero();
    assertThat(file).hasContent(MESSY);
  }

  @Test
  void theStandardInputGoesToTheStandardOutput() {
    cli.input = MESSY;

    assertThat(cli.run("fmt", "-")).isEqualTo(new CliRun.Result(0, NEAT, ""));
    assertThat(cli.run("fmt", "--check", "-").code()).isEqualTo(1);
  }

  @Test
  void aFileThatIsNotKdlIsLeftAloneAndTheOthersAreFormatted() throws IOException {
    Path broken = file("a.kdl", "vm \"a\" {\n");
    Path other = file("b.kdl", MESSY);

    CliRun.Result result = cli.run("fmt", ".");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("kdl.unclosed_block");
    assertThat(broken).hasContent("vm \"a\" {\n");
    assertThat(other).hasContent(NEAT);
  }

  @Test
  void aFileThatIsNotThereIsAnError() {
    assertThat(cli.run("fmt", "none.kdl").err()).startsWith("error[vmfile.not_found]");
  }

  @Test
  void distantChangesAreHunksOfTheirOwn() {
    String before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";
    String after = before.replace("a\n", "A\n").replace("k\n", "k\nl\n");

    assertThat(new LineDiff(before, after).unified("x"))
        .isEqualTo(
            """
            --- x
            +++ x
            @@ -1,4 +1,4 @@
            -a
            +A
             b
             c
             d
            @@ -9,3 +9,4 @@
             i
             j
             k
            +l
            """);
    assertThat(new LineDiff(before, before).unified("x")).isEmpty();
  }
}
