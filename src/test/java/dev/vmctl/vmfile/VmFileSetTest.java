package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Diagnostic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmFileSetTest {
  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  private List<Diagnostic> check(String... texts) {
    List<VmFile> files = new ArrayList<>();
    for (String text : texts) {
      files.add(reader.read(Path.of("/srv/" + (char) ('a' + files.size()) + ".kdl"), text));
    }
    return VmFileSet.check(files);
  }

  private static String vm(String name, String more) {
    return "vm \"" + name + "\" { image \"i\"; " + more + " }\n";
  }

  @Test
  void aNameInTwoFilesIsShownAtBothPlaces() {
    List<Diagnostic> found = check(vm("web", ""), "\n" + vm("web", ""));

    assertThat(found).hasSize(1);
    assertThat(found.getFirst().place()).isEqualTo("/srv/b.kdl:2:4");
    assertThat(found.getFirst().isError()).isTrue();
    assertThat(found.getFirst().labels())
        .containsExactly(new Diagnostic.Label(Path.of("/srv/a.kdl"), 1, 4, 5, "the first one"));
  }

  @Test
  void replicasOfOneFileClashWithNamesInAnother() {
    assertThat(check(vm("web", "replicas 2"), vm("web-2", ""))).hasSize(1);
  }

  @Test
  void dependenciesAreFoundInOtherFilesAndMissedWhenInNone() {
    assertThat(check(vm("web", "depends-on \"db\""), vm("db", ""))).isEmpty();

    List<Diagnostic> found = check(vm("web", "depends-on \"bd\""), vm("db", ""));
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().code()).isEqualTo(VmFileCode.UNKNOWN_DEPENDENCY.text());
    assertThat(found.getFirst().help()).isEqualTo("did you mean 'db'?");
  }

  @Test
  void aFileThatCannotBeReadMayDeclareWhatIsMissed() {
    assertThat(check(vm("web", "depends-on \"db\""), "vm \"db\" {")).isEmpty();
  }

  @Test
  void circlesOverFilesAreFoundOnce() {
    List<Diagnostic> found =
        check(
            vm("a", "depends-on \"b\""), vm("b", "depends-on \"c\""), vm("c", "depends-on \"a\""));

    assertThat(found).hasSize(1);
    assertThat(found.getFirst().code()).isEqualTo(VmFileCode.CYCLE.text());
    assertThat(found.getFirst().labels()).hasSize(1);
  }
}
