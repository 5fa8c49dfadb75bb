package dev.vmctl.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.VmFileCode;
import dev.vmctl.vmfile.VmFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySourceTest {
  @TempDir private Path temporary;
  private Path directory = Path.of("");
  private DirectorySource source = source(Path.of("/nowhere"));

  /** Ahead of the file system's clock, so that what was just written counts as settled. */
  private static DirectorySource source(Path directory) {
    return new DirectorySource(
        directory,
        new VmFileReader(Path.of("/home/ann")),
        () -> Instant.now().plus(Duration.ofHours(1)));
  }

  @BeforeEach
  void create() throws IOException {
    directory = Files.createDirectory(temporary.toRealPath().resolve("vms"));
    source = source(directory);
  }

  @Test
  void everyFileDeclaresItsVms() throws IOException {
    write("b.kdl", vm("b1") + vm("b2"));
    write("a.kdl", vm("a"));
    write("VMFile.kdl", vm("v"));
    write("a.kdl~", vm("old"));
    write(".c.kdl.swp", vm("swap"));

    Snapshot snapshot = source.read();

    assertThat(snapshot.trust()).isEqualTo(Trust.COMPLETE);
    assertThat(names(snapshot)).containsExactly("v", "a", "b1", "b2");
    assertThat(snapshot.files()).hasSize(3);
    assertThat(snapshot.brokenFiles()).isEmpty();
    assertThat(snapshot.declarations().getLast().file()).isEqualTo(directory.resolve("b.kdl"));
    assertThat(snapshot.declarations().getLast().line()).isEqualTo(2);
    assertThat(snapshot.source()).isEqualTo(source.id());
    assertThat(source.id().location()).isEqualTo(directory.toString());
  }

  @Test
  void anEmptyDirectoryIsCompleteAndEmpty() {
    Snapshot snapshot = source.read();

    assertThat(snapshot.trust()).isEqualTo(Trust.COMPLETE);
    assertThat(snapshot.declarations()).isEmpty();
    assertThat(snapshot.identity()).matches("\\d+:\\d+");
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "half-written in two `write()`s",
      silent = "its VMs stay as they were last declared until it is whole; the other files count")
  void aHalfWrittenFileLeavesTheOthersAlone() throws IOException {
    write("a.kdl", vm("a"));
    write("b.kdl", vm("b").substring(0, 20));

    Snapshot snapshot = source.read();

    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(names(snapshot)).containsExactly("a");
    assertThat(snapshot.brokenFiles()).containsExactly(directory.resolve("b.kdl"));
    assertThat(snapshot.files()).hasSize(2);
    assertThat(snapshot.diagnostics()).isNotEmpty().allMatch(Diagnostic::isError);
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "emptied",
      silent = "its VMs stay as they were last declared; event `SourceInvalid`")
  void anEmptyFileIsBrokenNotEmpty() throws IOException {
    write("a.kdl", "");

    assertThat(source.read().trust()).isEqualTo(Trust.PARTIAL);
  }

  @Test
  void vmsThatWaitForEachOtherAcrossFilesAreNotTakenAndTheFileSaysWhere() throws IOException {
    String waits = "vm \"%s\" {\n    image \"a.qcow2\"\n    depends-on \"%s\"\n}\n";
    write("a.kdl", waits.formatted("a", "b"));
    write("b.kdl", waits.formatted("b", "c") + waits.formatted("c", "a"));
    write("d.kdl", vm("d") + waits.formatted("e", "d"));

    Snapshot snapshot = source.read();

    assertThat(names(snapshot)).containsExactlyInAnyOrder("d", "e");
    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(snapshot.brokenFiles())
        .containsExactlyInAnyOrder(directory.resolve("a.kdl"), directory.resolve("b.kdl"));
    assertThat(snapshot.diagnostics())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.code()).isEqualTo(VmFileCode.CYCLE.text());
              assertThat(finding.message()).contains("waits for");
              assertThat(finding.line()).isPositive();
              assertThat(finding.column()).isPositive();
            });
  }

  @Test
  @Fault(area = Area.VMFILE, value = "two files that declare one VM")
  void aVmOfTwoFilesIsTakenFromNeither(Seen seen) throws IOException {
    write("a.kdl", vm("both") + vm("a"));
    write("b.kdl", vm("b") + vm("both"));

    Snapshot snapshot = source.read();

    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(names(snapshot)).containsExactly("a", "b");
    assertThat(snapshot.brokenFiles())
        .containsExactlyInAnyOrder(directory.resolve("a.kdl"), directory.resolve("b.kdl"));
    assertThat(snapshot.diagnostics())
        .extracting(Diagnostic::place)
        .containsExactly(directory + "/a.kdl:1:4", directory + "/b.kdl:2:4");
    assertThat(snapshot.diagnostics())
        .extracting(Diagnostic::code)
        .containsOnly("vmfile.duplicate_vm");
    assertThat(snapshot.diagnostics().getFirst().help()).contains("b.kdl:2");
    assertThat(snapshot.diagnostics().getLast().help()).contains("a.kdl:1");
    seen.calling(directory, "<dir>").found(snapshot.diagnostics().getFirst());
  }

  @Test
  void aMissingDirectoryIsUnknownNeverEmpty() throws IOException {
    Files.delete(directory);
    assertUnknown("it does not exist");

    Files.createFile(directory);
    assertUnknown("it is not a directory");
  }

  @Test
  void anUnreadableDirectoryIsUnknownExceptToTheSuperuser() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(directory)) {
      assertThat(source.read().trust()).isEqualTo(Trust.COMPLETE);
    } else {
      assertUnknown("this user may not read it");
    }
  }

  private void assertUnknown(String why) {
    Snapshot snapshot = source.read();
    assertThat(snapshot.trust()).isEqualTo(Trust.UNKNOWN);
    assertThat(snapshot.why()).isEqualTo(why);
    assertThat(snapshot.declarations()).isEmpty();
  }

  @Test
  void anotherDirectoryInTheSamePlaceHasAnotherIdentity() throws IOException {
    String before = source.read().identity();
    Files.move(directory, temporary.resolve("kept"));
    Files.createDirectory(directory);

    assertThat(source.read().identity()).isNotEqualTo(before);
  }

  @Test
  void aLinkKeepsItsNameWhateverItPointsTo() throws IOException {
    Path one = Files.createDirectory(temporary.resolve("one"));
    Path two = Files.createDirectory(temporary.resolve("two"));
    Path link = Files.createSymbolicLink(temporary.toRealPath().resolve("link"), one);
    DirectorySource linked = source(link);
    String before = linked.read().identity();
    Files.delete(link);
    Files.createSymbolicLink(link, two);

    assertThat(linked.read().identity()).isNotEqualTo(before);
    assertThat(source(link).id()).isEqualTo(linked.id());
    assertThat(linked.id().location()).isEqualTo(link.toString());
  }

  @Test
  void onePlaceHasOneNameBeforeAndAfterItExists() throws IOException {
    Path real = Files.createDirectory(temporary.toRealPath().resolve("real"));
    Path above = Files.createSymbolicLink(temporary.resolve("above"), real);
    DirectorySource early = source(above.resolve("x/../vms"));
    Files.createDirectory(real.resolve("vms"));

    assertThat(early.id().location()).isEqualTo(real.resolve("vms").toString());
    assertThat(source(above.resolve("vms")).id()).isEqualTo(early.id());
  }

  @Test
  void theContentOfInputsIsPartOfTheDeclaration() throws IOException {
    write("a.kdl", withInputs());
    write("setup.sh", "one");
    write("a.conf", "conf");
    write("data", "data");
    Declaration first = source.read().declarations().getFirst();

    write("setup.sh", "two");
    Declaration second = source.read().declarations().getFirst();

    assertThat(first.inputs().keySet())
        .containsExactly(directory + "/a.conf", directory + "/data", directory + "/setup.sh");
    assertThat(first.inputs().get(directory + "/setup.sh"))
        .isEqualTo("sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
    assertThat(second.inputs()).isNotEqualTo(first.inputs());
    assertThat(second.spec()).isEqualTo(first.spec());
  }

  @Test
  void anInputThatIsMissingBreaksItsFile() throws IOException {
    write("a.kdl", withInputs());
    write("b.kdl", vm("b"));
    write("a.conf", "conf");
    write("data", "data");

    Snapshot snapshot = source.read();

    assertThat(names(snapshot)).containsExactly("b");
    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(snapshot.diagnostics()).hasSize(1);
    Diagnostic problem = snapshot.diagnostics().getFirst();
    assertThat(problem.code()).isEqualTo("vmfile.file_missing");
    assertThat(problem.line()).isEqualTo(4);
    assertThat(problem.message()).isEqualTo(directory.resolve("setup.sh") + " does not exist");

    write("setup.sh", "back");
    assertThat(source.read().trust()).isEqualTo(Trust.COMPLETE);
  }

  @Test
  void aMissingImageBreaksNothingHere() throws IOException {
    write("a.kdl", "vm \"a\" { image \"gone\"; kernel \"gone\" }");

    assertThat(source.read().trust()).isEqualTo(Trust.COMPLETE);
  }

  @Test
  void whatDidNotChangeIsNotReadAgain() throws IOException {
    write("a.kdl", withInputs());
    for (String name : List.of("setup.sh", "a.conf", "data")) {
      write(name, name);
    }
    Snapshot first = source.read();

    Snapshot second = source.read();

    assertThat(second).isEqualTo(first);
    assertThat(second.declarations().getFirst().spec())
        .isSameAs(first.declarations().getFirst().spec());
  }

  @Test
  void aChangeOfTheSameSizeAndTimeIsSeen() throws IOException {
    Path file = write("a.kdl", vm("a"));
    FileTime modified = Files.getLastModifiedTime(file);
    source.read();
    write("a.kdl", vm("b"));
    Files.setLastModifiedTime(file, modified);

    assertThat(names(source.read())).containsExactly("b");
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "replaced by a rename",
      silent = "the new one counts, also with the same size and time")
  void aFileReplacedByAnotherOfTheSameSizeAndTimeIsSeen() throws IOException {
    Path file = write("a.kdl", vm("a"));
    source.read();
    Path other = write("b", vm("b"));
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

    assertThat(names(source.read())).containsExactly("b");
  }

  @Test
  void aFileThatWasJustWrittenIsReadAgainWhateverItsStampSays() throws IOException {
    DirectorySource early =
        new DirectorySource(
            directory, new VmFileReader(Path.of("/home/ann")), InstantSource.system());
    write("a.kdl", vm("a"));
    Snapshot first = early.read();

    Snapshot second = early.read();

    assertThat(second.declarations().getFirst().spec())
        .isEqualTo(first.declarations().getFirst().spec())
        .isNotSameAs(first.declarations().getFirst().spec());
  }

  @Test
  void aFileThatGoesTakesItsVmsAlong() throws IOException {
    Path file = write("a.kdl", vm("a"));
    write("b.kdl", vm("b"));
    source.read();
    Files.delete(file);

    Snapshot snapshot = source.read();

    assertThat(names(snapshot)).containsExactly("b");
    assertThat(snapshot.trust()).isEqualTo(Trust.COMPLETE);
  }

  @Test
  void aDanglingLinkIsABrokenFile() throws IOException {
    Files.createSymbolicLink(directory.resolve("a.kdl"), Path.of("nowhere"));
    write("b.kdl", vm("b"));

    Snapshot snapshot = source.read();

    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(names(snapshot)).containsExactly("b");
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String vm(String name) {
    return "vm \"" + name + "\" { image \"x.qcow2\" }\n";
  }

  private static String withInputs() {
    return """
        vm "inputs" {
            image "x.qcow2"
            cloud-init { user-data "data" }
            provision "shell" { script "setup.sh" }
            provision "file" { source "a.conf"; destination "/etc/a.conf" }
        }
        """;
  }

  private static List<String> names(Snapshot snapshot) {
    return snapshot.declarations().stream().map(one -> one.name().value()).toList();
  }
}
