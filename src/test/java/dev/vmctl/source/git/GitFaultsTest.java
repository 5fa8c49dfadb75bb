package dev.vmctl.source.git;

import static dev.vmctl.source.git.FollowedRepository.DB;
import static dev.vmctl.source.git.FollowedRepository.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.Declaration;
import dev.vmctl.source.RemoteState.Standing;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a repository or a commit: what was declared before stays in force. */
class GitFaultsTest {
  private static final String REFUSED = "GitCommitRefused";
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path directory = Path.of("/nonexistent");
  private @Nullable FollowedRepository followed;
  private String good = "";

  @BeforeEach
  void aGoodCommitIsInForce() throws IOException {
    followed = new FollowedRepository(directory);
    good = repository().work().write("vms/web.kdl", WEB).write("vms/db.kdl", DB).push();
    repository().follow();
    repository().await(seen -> seen.trust() == Trust.COMPLETE);
  }

  @AfterEach
  void end() {
    repository().close();
  }

  @Test
  @Fault(area = Area.GIT, value = "a file of a commit is broken")
  void aBrokenFileKeepsTheLastGoodCommitAndIsNamed(Seen seen) throws IOException {
    work().remove("vms/db.kdl").write("vms/web.kdl", WEB.replace("}", "  vcpus 0\n}"));
    Snapshot found = refused(seen, work().push());
    assertThat(found.diagnostics().getFirst().place()).isEqualTo("vms/web.kdl:3:9");
    String mended = work().write("vms/web.kdl", WEB).push();
    source().sync();
    Snapshot after = repository().await(each -> each.trust() == Trust.COMPLETE);
    assertThat(after.declarations()).hasSize(1).allMatch(each -> each.revision().equals(mended));
  }

  @Test
  @Fault(
      area = Area.GIT,
      value = "its history is another one: a force-push",
      silent = "its newest commit is followed like any other")
  void aForcePushIsFollowed() throws IOException {
    work().git("checkout", "-q", "--orphan", "other");
    String other = work().write("vms/web.kdl", DB.replace("db", "web")).push();
    source().sync();
    repository().await(seen -> seen.declarations().getFirst().revision().equals(other));
  }

  @Test
  @Fault(area = Area.GIT, value = "it cannot be reached")
  void aRepositoryThatIsGoneKeepsWhatItDeclared(Seen seen) throws IOException {
    Files.move(work().bare(), directory.resolve("moved"));
    source().sync();
    seen.says(repository().told("GitUnreachable"));
    assertThat(source().state().standing()).isEqualTo(Standing.UNREACHABLE);
    assertThat(source().read().trust()).isEqualTo(Trust.COMPLETE);
    Files.move(directory.resolve("moved"), work().bare());
    source().sync();
    Awaitility.await().until(() -> source().state().standing() == Standing.GOOD);
    repository().told("GitReached");
  }

  @Test
  @Fault(area = Area.GIT, value = "its branch is gone")
  void aBranchThatIsGoneKeepsWhatItDeclared(Seen seen) {
    work().git("--git-dir", work().bare().toString(), "branch", "-q", "-m", "main", "other");
    source().sync();
    seen.says(repository().told("GitUnreachable"));
    assertThat(source().read().declarations()).hasSize(2);
  }

  @Test
  @Fault(area = Area.GIT, value = "a VMFile is a link to a file of the host")
  void aLinkOutOfTheRepositoryIsNotFollowed(Seen seen) throws IOException {
    work().remove("vms/web.kdl");
    link("web.kdl", "/etc/passwd");
    refused(seen, work().push());
  }

  @Test
  void noLinkIsFollowedThatLeadsToNoFileOfTheCommit() throws IOException {
    Files.writeString(directory.resolve("outside.kdl"), WEB);
    List<String> targets =
        List.of(
            "../../../outside.kdl", "../../fleet.git/config", "link3.kdl", "/proc/self/environ");
    for (int i = 0; i < targets.size(); i++) {
      link("link" + (i + 1) + ".kdl", targets.get(i));
    }
    work().push();
    source().sync();
    Snapshot found = repository().await(seen -> !seen.diagnostics().isEmpty());
    assertThat(found.diagnostics())
        .extracting(each -> each.place() + ": " + each.message())
        .zipSatisfy(
            targets,
            (message, target) ->
                assertThat(message)
                    .contains("it cannot be used: it is a link to '" + target + "'"));
  }

  @Test
  @Fault(area = Area.GIT, value = "a script is in a submodule")
  void aSubmoduleIsLeftOutAndSaidWhereItIsNeeded(Seen seen) throws IOException {
    GitWork other = GitWork.in(Files.createDirectory(directory.resolve("other")));
    other.write("setup.sh", "true\n").push();
    work()
        .write(
            "vms/web.kdl",
            WEB.replace("}", "  provision \"shell\" {\n    script \"sub/setup.sh\"\n  }\n}"));
    work()
        .git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            other.url(),
            "vms/sub");
    refused(seen, work().push());
  }

  @Test
  @Fault(area = Area.GIT, value = "a VMFile names a file outside the repository")
  void aFileOfTheHostIsNotForARepositoryToName(Seen seen) throws IOException {
    work().write("vms/web.kdl", WEB.replace("}", "  image \"/etc/shadow\"\n}"));
    refused(seen, work().push());
  }

  @Test
  void whatTouchesTheHostIsRefusedUnlessAllowed() throws IOException {
    List<Map.Entry<String, String>> asked =
        List.of(
            Map.entry("image \"/etc/passwd\"", "host-paths"),
            Map.entry("image \"~/disk.qcow2\"", "host-paths"),
            Map.entry("image \"../../../../images/x\"", "host-paths"),
            Map.entry("kernel \"/boot/vmlinuz\"", "host-paths"),
            Map.entry(
                "provision \"file\" { source \"/etc/shadow\"; destination \"/tmp/x\" }",
                "host-paths"),
            Map.entry("ssh { private-key \"/root/.ssh/id_rsa\" }", "host-paths"),
            Map.entry("env { TOKEN file=\"/root/token\" }", "host-paths"),
            Map.entry("disks { disk \"d\" image=\"/dev/sda\" }", "host-paths"),
            Map.entry("share \"./site\" at=\"/srv\"", "shares"),
            Map.entry("share \"/\" at=\"/srv\"", "host-paths"),
            Map.entry("forward host=8080 guest=80 bind=\"0.0.0.0\"", "public-binds"),
            Map.entry("network \"tap\"", "bridges"),
            Map.entry("nics { nic \"lan\" bridge=\"br0\" }", "bridges"),
            Map.entry("image-build \"./build\"", "image-builds"));
    for (int i = 0; i < asked.size(); i++) {
      String node = asked.get(i).getKey();
      work().write("vms/v%02d.kdl".formatted(i), "vm \"v" + i + "\" {\n  " + node + "\n}\n");
    }
    work().push();
    source().sync();
    Snapshot found = repository().await(seen -> !seen.diagnostics().isEmpty());
    for (int i = 0; i < asked.size(); i++) {
      String place = "vms/v%02d.kdl:2:".formatted(i);
      String allowance = asked.get(i).getValue();
      assertThat(found.diagnostics())
          .anySatisfy(
              each -> {
                assertThat(each.code()).isEqualTo("vmfile.not_allowed");
                assertThat(each.place()).startsWith(place);
                assertThat(each.help()).contains("allow \"" + allowance + "\"");
              });
    }
  }

  @Test
  @Fault(area = Area.GIT, value = "it is larger than it may be")
  void aRepositoryThatIsTooLargeIsNotFetchedWhole(Seen seen) throws IOException {
    byte[] noise = new byte[3 * MEBIBYTE];
    new Random(1).nextBytes(noise);
    Files.write(work().work().resolve("large.bin"), noise);
    work().push();
    again(FollowedRepository.upTo(MEBIBYTE));
    seen.says(repository().told("GitUnreachable"));
    assertThat(source().read().declarations()).allMatch(this::isOfTheGoodCommit);
    try (Stream<Path> files = Files.walk(directory.resolve("state"))) {
      assertThat(files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum())
          .isLessThan(2 * MEBIBYTE);
    }
  }

  @Test
  void filesThatUnpackToMoreThanIsAllowedAreNotWritten() throws IOException {
    Files.write(work().work().resolve("zeros.bin"), new byte[8 * MEBIBYTE]);
    work().push();
    again(FollowedRepository.upTo(MEBIBYTE));
    assertThat(repository().told("GitUnreachable"))
        .contains("larger than the 1 MiB that are allowed");
  }

  @Test
  @Fault(area = Area.GIT, value = "a commit is not signed, and has to be")
  void aCommitThatIsNotSignedIsNotTaken(Seen seen) throws IOException {
    Path signers = Files.writeString(directory.resolve("allowed_signers"), "");
    again(FollowedRepository.signedBy(signers));
    refused(seen, work().write("vms/web.kdl", DB).push());
  }

  private void again(UnaryOperator<GitRepository> settings) {
    repository().close();
    repository().set(settings);
    repository().follow();
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(work().work().resolve("vms").resolve(name), Path.of(target));
  }

  /** Nothing of the commit counts, and the user is told why. */
  private Snapshot refused(Seen seen, String commit) {
    seen.calling(commit, "<commit>");
    source().sync();
    seen.says(repository().told(REFUSED));
    Snapshot found = repository().await(each -> each.trust() == Trust.PARTIAL);
    assertThat(found.declarations()).hasSize(2).allMatch(this::isOfTheGoodCommit);
    assertThat(found.why()).contains("commit " + commit);
    assertThat(source().state().standing()).isEqualTo(Standing.REFUSED);
    assertThat(source().state().wanted()).isEqualTo(commit);
    return found;
  }

  private boolean isOfTheGoodCommit(Declaration declaration) {
    return declaration.revision().equals(good);
  }

  private FollowedRepository repository() {
    return Objects.requireNonNull(followed);
  }

  private GitWork work() {
    return repository().work();
  }

  private GitSource source() {
    return repository().source();
  }
}
