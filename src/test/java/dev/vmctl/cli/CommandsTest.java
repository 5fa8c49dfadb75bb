package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.LogKind;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.SampleViews;
import dev.vmctl.api.TrashView;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void makeCli() {
    cli = new CliRun(directory);
  }

  @Test
  void startWaitsUntilTheVmIsReady() {
    cli.vmctl.add(Vms.busy("web", "starting"));
    cli.vmctl.then(Vms.ready("web"));

    CliRun.Result result = cli.run("start", "web");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("start web");
    assertThat(result.err()).endsWith("web: ready (0.0s)\n");
  }

  @Test
  void stopGivesTheGuestThirtySeconds() {
    cli.vmctl.add(Vms.busy("web", "shutting down"));
    cli.vmctl.then(Vms.stopped("web"));

    assertThat(cli.run("stop", "web").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("stop 30s web");
  }

  @Test
  void stopGivesTheGuestAsLongAsAsked() {
    cli.vmctl.add(Vms.stopped("web"));

    cli.run("stop", "web", "--timeout", "2m");

    assertThat(cli.vmctl.calls).containsExactly("stop 120s web");
  }

  @Test
  void aCordonIsSetWithItsReasonAndLifted() {
    assertThat(cli.run("cordon", "--reason", "new disks").code()).isZero();
    assertThat(cli.run("uncordon").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("cordon new disks", "uncordon");
  }

  @Test
  void drainStopsEveryVmThoseFirstThatDependOnOthersAndWaitsForAll() {
    cli.vmctl.add(Vms.stopped("db"));
    cli.vmctl.add(Vms.busy("web", "shutting down"));
    cli.vmctl.then(Vms.stopped("web"));

    assertThat(cli.run("drain").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("drain 90s web", "drain 90s db");
  }

  @Test
  void undoingADrainStartsNothingThatWasNotDrained() {
    cli.vmctl.add(Vms.stopped("web"));

    assertThat(cli.run("drain", "--undo").code()).isZero();
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void suspendAndResumeWaitForTheirStates() {
    cli.vmctl.add(Vms.in("web", "suspended"));
    assertThat(cli.run("suspend", "web").code()).isZero();

    cli.vmctl.add(Vms.in("web", "running"));
    assertThat(cli.run("resume", "web").code()).isZero();

    assertThat(cli.vmctl.calls).containsExactly("suspend web", "resume web");
  }

  @Test
  void destroyWaitsUntilTheVmIsGone() {
    cli.vmctl.add(Vms.busy("web", "stopping"));
    cli.vmctl.thenGone("web");

    CliRun.Result result = cli.run("destroy", "web", "--purge");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("purge web");
    assertThat(result.err()).endsWith("web: gone (0.0s)\n");
  }

  @Test
  void aVmThatIsRemovedWhileItIsStartedIsAFailure() {
    cli.vmctl.add(Vms.busy("web", "starting"));
    cli.vmctl.thenGone("web");

    CliRun.Result result = cli.run("start", "web");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("error[vm.not_found]: web: web was removed meanwhile");
  }

  @Test
  void downStopsOnlyVmsThatThereAre() {
    cli.vmFile("web", "never");
    cli.vmctl.add(Vms.stopped("web"));

    CliRun.Result result = cli.run("down");

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("never: there is none");
    assertThat(cli.vmctl.calls).containsExactly("stop 30s web");
  }

  @Test
  void downDestroysWhenAsked() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.stopped("web"));
    cli.vmctl.thenGone("web");
    cli.vmctl.add(Vms.busy("web", "stopping"));

    assertThat(cli.run("down", "--destroy").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("destroy web");
  }

  @Test
  void reloadMakesNewDisksAndAppliesTheFileAsItIsNow() {
    cli.vmFile("web", "fresh");
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.then(Vms.ready("fresh"));
    cli.vmctl.add(Vms.busy("fresh", "starting"));

    assertThat(cli.run("reload", "--name", "web", "--no-provision").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("reload without provision web", "apply");
  }

  @Test
  void provisionRunsWhereThereIsARunningVmWithStepsAndWarnsOfEdits() {
    cli.vmFile("plain", "web", "off");
    cli.vmctl.add(Vms.ready("plain"));
    cli.vmctl.add(Vms.vm("web", "running", true, "", true, null, 1));
    cli.vmctl.add(Vms.stopped("off"));
    cli.vmctl.plan =
        new PlanView(
            List.of(
                new PlanView.VmPlan(
                    "web",
                    "restart",
                    "",
                    List.of(new PlanView.FieldChange("memory", "1", "2", "restart")))));

    CliRun.Result result = cli.run("provision");

    assertThat(result.code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("plan", "provision web");
    assertThat(result.err())
        .contains("off: does not run, left alone")
        .contains("plain: has no provision steps, left alone")
        .contains("web: the VMFile was edited since 'up'");
  }

  @Test
  void planTellsByItsExitCodeWhetherSomethingWouldBeDone() {
    cli.vmFile("web");

    assertThat(cli.run("plan", "--detailed-exitcode").code()).isZero();
    assertThat(cli.run("plan").out()).isEqualTo("nothing to do\n");

    cli.vmctl.plan =
        new PlanView(List.of(new PlanView.VmPlan("web", "create", "it is new", List.of())));
    assertThat(cli.run("plan", "--detailed-exitcode").code()).isEqualTo(2);
    assertThat(cli.run("plan").code()).isZero();
    assertThat(cli.run("plan").out())
        .isEqualTo("+ web: create (it is new)\n\nPlan: 1 to create, 0 to change, 0 to destroy\n");
  }

  @Test
  void validateTakesEveryFileOfADirectory() throws IOException {
    Files.createDirectories(directory.resolve("vms"));
    Files.writeString(directory.resolve("vms/a.kdl"), "");
    Files.writeString(directory.resolve("vms/b.kdl"), "");

    CliRun.Result result = cli.run("validate", "vms");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEqualTo("2 files, 0 errors, 0 warnings\n");
  }

  @Test
  void validateChecksForTheBackendThatIsNamed() throws IOException {
    cli.vmFile("web");

    assertThat(cli.run("validate").code()).isZero();
    assertThat(cli.checkedFor).isNull();
    assertThat(cli.run("validate", "--backend", "propolis").code()).isZero();
    assertThat(cli.checkedFor).isEqualTo(BackendTag.PROPOLIS);
    assertThat(cli.run("validate", "--backend", "vmware").code()).isEqualTo(64);
  }

  @Test
  void createdVmsAreHeldUntilTheyAreStarted() throws IOException {
    Files.writeString(directory.resolve("a.qcow2"), "disk");
    Files.writeString(directory.resolve("key.pub"), "ssh-ed25519 AAAA");
    CliRun.Result result =
        cli.run(
            "create",
            "--name",
            "new",
            "--image",
            "a.qcow2",
            "--vcpus",
            "2",
            "--memory",
            "512",
            "--disk",
            "20",
            "--bridge",
            "br7",
            "--ssh-key",
            "key.pub",
            "--uefi",
            "-d");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cli.vmctl.applied)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.source()).isEqualTo(SourceId.cli());
              assertThat(request.hold()).isTrue();
              VmSpec spec = request.declarations().getFirst().spec();
              assertThat(spec.image()).isEqualTo(directory.resolve("a.qcow2"));
              assertThat(spec.vcpus()).isEqualTo(2);
              assertThat(spec.memoryMb()).isEqualTo(512);
              assertThat(spec.diskBytes()).isEqualTo(20L << 30);
              assertThat(spec.network()).isEqualTo(new NetworkSpec.Tap("br7"));
              assertThat(spec.uefi()).isTrue();
              assertThat(request.declarations().getFirst().inputs())
                  .containsOnlyKeys(directory.resolve("key.pub").toString());
            });
  }

  @Test
  void aTakenNameIsRefused() {
    cli.vmctl.add(Vms.ready("web"));

    CliRun.Result result = cli.run("create", "--name", "web", "--image-url", "https://e/x");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("error[vm.name_taken]: ");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void anImageThatIsNotThereIsRefused() {
    CliRun.Result result = cli.run("create", "--name", "web", "--image", "no.qcow2");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("error[image.not_found]: there is no file " + directory + "/no.qcow2");
  }

  @Test
  void theTrashIsEmptiedOnlyAfterAYes() {
    cli.vmctl.trash.add(new TrashView("t", "web", "vm", Vms.NOON, "destroyed", 1));
    cli.inIsTerminal = true;
    cli.input = "n\n";
    assertThat(cli.run("trash", "empty").code()).isEqualTo(1);
    assertThat(cli.vmctl.calls).isEmpty();

    cli.input = "y\n";
    CliRun.Result result = cli.run("trash", "empty");

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("Delete 1 entry for good? [y/N] deleted 1 entry");
    assertThat(cli.vmctl.calls).containsExactly("empty []");
  }

  @Test
  void chosenEntriesAreDeletedWithoutAskingWhenToldSo() {
    assertThat(cli.run("trash", "empty", "-y", "a", "b").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("empty [a, b]");
  }

  @Test
  void restoreSaysHowToStartTheVm() {
    assertThat(cli.run("trash", "restore", "t-1").err())
        .isEqualTo("web: restored; 'vmctl start web' starts it\n");
  }

  @Test
  void createDeclaresWhatAVMFileCould() throws IOException {
    Files.createDirectory(directory.resolve("guest"));
    Files.createFile(directory.resolve("vmlinuz"));
    cli.vmctl.add(Vms.stopped("other"));
    cli.vmctl.daemon = true;

    CliRun.Result result =
        cli.run(
            ("create -d --name ci --image-build guest --sha256 abc --label a=b --label c=d --cpu max"
                    + " --backend qemu --no-network --kernel vmlinuz --cmdline quiet"
                    + " --hostname h --ssh-user u")
                .split(" "));

    assertThat(result.code()).as(result.err()).isZero();
    VmSpec spec = cli.vmctl.applied.getFirst().declarations().getFirst().spec();
    assertThat(spec.imageBuild()).isEqualTo(directory.resolve("guest"));
    assertThat(spec.imageSha256()).isEqualTo("abc");
    assertThat(spec.labels()).isEqualTo(Map.of("a", "b", "c", "d"));
    assertThat(spec.network()).isEqualTo(new NetworkSpec.None());
    assertThat(spec.user()).isEqualTo("u");
    assertThat(spec.kernel()).isEqualTo(directory.resolve("vmlinuz"));
    assertThat(cli.run("create", "--name", "b", "--image-build", "nothing").err())
        .startsWith("error[image.not_found]");
    assertThat(
            cli.run("create", "--name=b", "--image-build=guest", "--no-network", "--bridge=b")
                .code())
        .isEqualTo(64);
  }

  @Test
  void bothLogsAreShownUnderHeadings() {
    cli.vmctl.write("web", LogKind.CONSOLE, "Linux version\nlogin:");
    cli.vmctl.write("web", LogKind.PROVISION, "step 1\n");

    assertThat(cli.run("log", "web").out())
        .isEqualTo("==> web console <==\nLinux version\nlogin:\n==> web provision <==\nstep 1\n");
  }

  @Test
  void onlyTheLastLinesOfALogAreShownWhenAsked() {
    cli.vmctl.write("web", LogKind.CONSOLE, "one\ntwo\nthree\nfour\n");

    assertThat(cli.run("log", "web", "--console", "-n", "2").out()).isEqualTo("three\nfour\n");
    assertThat(cli.run("log", "web", "--console", "-n", "9").out())
        .isEqualTo("one\ntwo\nthree\nfour\n");
    assertThat(cli.run("log", "web", "--console", "-n", "0").out()).isEmpty();
  }

  @Test
  void aGuestCannotCommandTheReadersTerminal() {
    cli.vmctl.write("web", LogKind.CONSOLE, "a\u001b]0;title\u0007b\u001b[2Jc\u0000\n");

    assertThat(cli.run("log", "web", "--console").out()).contains("\u001b[2J");
    cli.outIsTerminal = true;
    assertThat(cli.run("log", "web", "--console").out()).isEqualTo("abc\n");
  }

  @Test
  void imagesArePulledTogetherAndShown() {
    CliRun.Result result =
        cli.run(
            "image", "pull", "https://ann:pw@e.org/a?t=1", "b.raw", "--sha256", "x", "-o", "name");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo((SampleViews.IMAGE.digest() + "\n").repeat(2));
    assertThat(result.err())
        .contains("https://e.org/a: pulled", "b.raw: pulled")
        .doesNotContain("pw");
    assertThat(cli.vmctl.calls)
        .contains(
            "Pull[source=https://ann:pw@e.org/a?t=1, sha256=x, name=null]",
            "Pull[source=" + directory.resolve("b.raw") + ", sha256=x, name=null]");
  }

  @Test
  void imagesOfTheCacheAreListedAndInspected() {
    CliRun.Result list = cli.run("image", "list", "-o", "wide");
    assertThat(list.out())
        .startsWith("DIGEST")
        .contains(
            "555555555555", "debian", "qcow2", "2147.5", "web", "https://example.org/disk.qcow2");
    assertThat(cli.run("image", "inspect", "debian").out()).contains("used by:      web");
    assertThat(cli.run("image", "inspect", "nothing").err())
        .startsWith("error[image.not_found]: there is no image 'nothing'");
  }

  @Test
  void aFileIsInspectedWhereItIs() throws IOException {
    Files.write(directory.resolve("disk.raw"), new byte[1024]);
    CliRun.Result result = cli.run("image", "inspect", "disk.raw", "-o", "json");
    assertThat(result.out()).contains("\"format\" : \"raw\"", "\"virtualSizeBytes\" : 1024");
  }

  @Test
  void imagesAreRemovedVerifiedAndPushed() throws IOException {
    assertThat(cli.run("image", "prune", "--dry-run").err()).contains("would free");
    assertThat(cli.run("image", "rm", "a", "b").err()).contains("freed");
    assertThat(cli.run("image", "verify").code()).isZero();
    Files.write(directory.resolve("disk.raw"), new byte[1024]);
    assertThat(cli.run("image", "push", "disk.raw", "oci://e.org/a:1").code()).isZero();
    assertThat(cli.run("image", "push", "a", "https://e.org/a").code()).isEqualTo(64);

    assertThat(cli.vmctl.calls)
        .contains(
            "ImageRemoval[images=[], dryRun=true]",
            "ImageRemoval[images=[a, b], dryRun=false]",
            "Verify[image=" + SampleViews.IMAGE.digest() + "]",
            "Push[image=" + SampleViews.IMAGE.digest() + ", target=oci://e.org/a:1]");
  }
}
