package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Dependency;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What VMs take over from {@code defaults} and templates, and what {@code replicas} makes. */
class SharingTest {
  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  private Map<String, VmSpec> specs(String text) {
    VmFile file = reader.read(Path.of("/srv/VMFile.kdl"), text);
    assertThat(file.isUsable()).as("%s", file.diagnostics()).isTrue();
    return file.declarations().stream()
        .map(DeclaredVm::spec)
        .collect(Collectors.toMap(spec -> spec.name().value(), Function.identity()));
  }

  private static VmSpec get(Map<String, VmSpec> specs, String name) {
    return Objects.requireNonNull(specs.get(name), name);
  }

  @Test
  void theVmsOwnFieldIsStrongestThenTheLastTemplateThenDefaults() {
    Map<String, VmSpec> specs =
        specs(
            """
            vm "a" { use "one" "two"; vcpus 7 }
            vm "b" { use "two"; use "one" }
            vm "c"
            defaults { image "d"; vcpus 1; memory 100; cpu "d"; machine "d" }
            template "one" { vcpus 2; memory 200; cpu "1" }
            template "two" { vcpus 3; memory 300 }
            """);

    VmSpec a = get(specs, "a");
    assertThat(a.vcpus()).isEqualTo(7);
    assertThat(a.memoryMb()).isEqualTo(300);
    assertThat(a.cpu()).isEqualTo("1");
    assertThat(a.machine()).isEqualTo("d");
    assertThat(a.image()).isEqualTo(Path.of("/srv/d"));
    assertThat(get(specs, "b").memoryMb()).isEqualTo(200);
    assertThat(get(specs, "c").memoryMb()).isEqualTo(100);
  }

  @Test
  void aTemplateStandsOverThoseItUses() {
    Map<String, VmSpec> specs =
        specs(
            """
            template "base" { vcpus 1; memory 100 }
            template "large" { use "base"; memory 900 }
            vm "a" { image "i"; use "large" }
            """);

    assertThat(get(specs, "a").vcpus()).isEqualTo(1);
    assertThat(get(specs, "a").memoryMb()).isEqualTo(900);
  }

  @Test
  void groupsAreTakenOverFieldByFieldAndStepsAddUp() {
    Map<String, VmSpec> specs =
        specs(
            """
            defaults { ssh { user "u" }; provision "shell" { inline "first" } }
            template "t" { provision "shell" { inline "second" } }
            vm "a" {
                image "i"
                use "t"
                ssh { private-key "k" }
                provision "shell" { script "third" }
            }
            """);

    VmSpec a = get(specs, "a");
    assertThat(a.user()).isEqualTo("u");
    assertThat(a.ssh()).isNotNull();
    assertThat(a.provision())
        .containsExactly(
            new ProvisionStep.Inline("first"),
            new ProvisionStep.Inline("second"),
            new ProvisionStep.Script(Path.of("/srv/third")));
  }

  @Test
  void anImageOfOnesOwnReplacesAnInheritedUrlAndItsFile() {
    VmFile file =
        reader.read(
            Path.of("/srv/VMFile.kdl"),
            """
            defaults { image "d.qcow2"; cloud-init { ssh-key "d.pub" } }
            vm "a" { image-url "https://example.org/i"; cloud-init { ssh-key "a.pub" } }
            """);

    assertThat(file.diagnostics()).isEmpty();
    DeclaredVm a = file.declarations().getFirst();
    assertThat(a.spec().image()).isNull();
    assertThat(a.files()).extracting(DeclaredFile::path).containsExactly(Path.of("/srv/a.pub"));
  }

  @Test
  void replicasAreNumberedAndAlikeButForTheirNames() {
    Map<String, VmSpec> specs = specs("vm \"web\" { image \"i\"; vcpus 2; replicas 3 }");

    assertThat(specs).containsOnlyKeys("web-1", "web-2", "web-3");
    assertThat(specs.values()).extracting(VmSpec::vcpus).containsOnly(2);
    assertThat(specs.values()).extracting(VmSpec::hostname).containsAll(specs.keySet());
  }

  @Test
  void waitingForReplicasIsWaitingForEach() {
    Map<String, VmSpec> specs =
        specs(
            """
            vm "web" { image "i"; depends-on "db" "else" until="running" }
            vm "db" { image "i"; replicas 2 }
            """);

    assertThat(get(specs, "web").policy().dependsOn())
        .extracting(Dependency::on)
        .containsExactlyElementsOf(
            List.of(new VmName("db-1"), new VmName("db-2"), new VmName("else")));
  }

  @Test
  void templatesThatUseEachOtherWithoutEndEnd() {
    StringBuilder text = new StringBuilder("vm \"a\" { image \"i\"; use \"t0\" }\n");
    for (int i = 0; i < 20_000; i++) {
      text.append("template \"t%d\" { use \"t%d\" \"t%d\" }\n".formatted(i, i + 1, i + 2));
    }

    VmFile file = reader.read(Path.of("/srv/VMFile.kdl"), text.toString());

    assertThat(file.diagnostics())
        .anySatisfy(found -> assertThat(found.code()).isEqualTo(VmFileCode.CYCLE.text()));
  }

  @Test
  void aChainOfDependenciesAsLongAsAFileIsFollowed() {
    StringBuilder text = new StringBuilder("defaults { image \"i\" }\n");
    int last = 20_000;
    for (int i = 0; i < last; i++) {
      text.append("vm \"v%d\" { depends-on \"v%d\" }\n".formatted(i, i + 1));
    }
    text.append("vm \"v%d\" { depends-on \"v0\" }\n".formatted(last));

    VmFile file = reader.read(Path.of("/srv/VMFile.kdl"), text.toString());

    assertThat(file.diagnostics())
        .filteredOn(Diagnostic::isError)
        .singleElement()
        .satisfies(found -> assertThat(found.code()).isEqualTo(VmFileCode.CYCLE.text()))
        .satisfies(found -> assertThat(found.line()).isEqualTo(last + 2));
  }

  @Test
  void warningsNeverMakeAFileUnusable() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      text.append("vm \"v%d\" { image \"i\"; memory (MiB)512 }\n".formatted(i));
    }

    VmFile file = reader.read(Path.of("/srv/VMFile.kdl"), text.toString());

    assertThat(file.declarations()).hasSize(200);
    assertThat(file.diagnostics())
        .hasSize(Findings.LIMIT + 1)
        .noneMatch(Diagnostic::isError)
        .last()
        .satisfies(found -> assertThat(found.code()).isEqualTo(VmFileCode.TOO_MANY.text()));
  }
}
