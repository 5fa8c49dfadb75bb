package dev.vmctl.source.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.VmName;
import dev.vmctl.source.RemoteState.Standing;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.Allowance;
import dev.vmctl.vmfile.VmFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One repository, written to by the real git, followed over a file URL. */
class GitFollowerTest {
  private static final String WEB = "vm \"web\" {\n  backend \"noop\"\n}\n";
  private static final String DB = "vm \"db\" {\n  backend \"noop\"\n  vcpus 2\n}\n";

  @TempDir Path directory = Path.of("/nonexistent");
  private final List<String> events = new CopyOnWriteArrayList<>();
  private @Nullable GitWork work;
  private @Nullable GitFollower follower;
  private @Nullable GitSource source;
  private UnaryOperator<GitRepository> settings = UnaryOperator.identity();

  @BeforeEach
  void repository() {
    work = GitWork.in(directory);
  }

  @AfterEach
  void end() {
    if (follower != null) {
      follower.close();
    }
  }

  @Test
  void aCommitDeclaresItsVmsAndNamesItself() throws IOException {
    String commit = work().write("vms/web.kdl", WEB).write("other/x.kdl", DB).push();
    follow();
    Snapshot found = await(seen -> seen.trust() == Trust.COMPLETE);
    assertThat(found.declarations())
        .extracting(Declaration::name)
        .containsExactly(new VmName("web"));
    assertThat(found.declarations()).extracting(Declaration::revision).containsExactly(commit);
    assertThat(source().state().commit()).isEqualTo(commit);
    assertThat(events).contains("GitCommit " + source().id() + " is at commit " + commit);
  }

  @Test
  void whatACommitDoesNotChangeKeepsItsPaths() throws IOException {
    work().write("vms/web.kdl", WEB).push();
    follow();
    Declaration before = await(seen -> seen.trust() == Trust.COMPLETE).declarations().getFirst();
    String second = work().write("vms/db.kdl", DB).push();
    source().sync();
    Snapshot found = await(seen -> seen.declarations().size() == 2);
    Declaration after = web(found).orElseThrow();
    assertThat(after).isEqualTo(before.withRevision(second));
  }

  @Test
  void aBrokenFileKeepsTheLastGoodCommitAndIsNamed() throws IOException {
    String good = work().write("vms/web.kdl", WEB).write("vms/db.kdl", DB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    work()
        .remove("vms/db.kdl")
        .write("vms/web.kdl", "vm \"web\" {\n  backend \"noop\"\n  vcpus 0\n}\n");
    String bad = work().push();
    source().sync();
    Snapshot found = await(seen -> seen.trust() == Trust.PARTIAL);
    assertThat(found.declarations()).hasSize(2).allMatch(each -> each.revision().equals(good));
    assertThat(found.why()).contains("commit " + bad, "vms/web.kdl:3:9: 'vcpus' must lie between");
    assertThat(found.diagnostics().getFirst().place()).isEqualTo("vms/web.kdl:3:9");
    assertThat(source().state().standing()).isEqualTo(Standing.REFUSED);
    assertThat(source().state().wanted()).isEqualTo(bad);
    String mended = work().write("vms/web.kdl", WEB).push();
    source().sync();
    Snapshot after = await(seen -> seen.trust() == Trust.COMPLETE);
    assertThat(after.declarations()).hasSize(1).allMatch(each -> each.revision().equals(mended));
  }

  @Test
  void aForcePushIsFollowed() throws IOException {
    work().write("vms/web.kdl", WEB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    work().git("checkout", "-q", "--orphan", "other");
    String other = work().write("vms/web.kdl", DB).push();
    source().sync();
    await(seen -> seen.declarations().getFirst().revision().equals(other));
  }

  @Test
  void aRepositoryThatIsGoneKeepsWhatItDeclared() throws IOException {
    work().write("vms/web.kdl", WEB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    Files.move(work().bare(), directory.resolve("moved"));
    source().sync();
    Awaitility.await().until(() -> source().state().standing() == Standing.UNREACHABLE);
    assertThat(source().read().trust()).isEqualTo(Trust.COMPLETE);
    assertThat(events).anyMatch(each -> each.startsWith("GitUnreachable file://"));
    Files.move(directory.resolve("moved"), work().bare());
    source().sync();
    Awaitility.await().until(() -> source().state().standing() == Standing.GOOD);
    assertThat(events).anyMatch(each -> each.startsWith("GitReached"));
  }

  @Test
  void whatWasNeverReachedIsUnknown() {
    follow();
    Snapshot found = await(seen -> seen.why().contains("has no branch 'main'"));
    assertThat(found.trust()).isEqualTo(Trust.UNKNOWN);
  }

  @Test
  void itGoesOnFromWhatWasFetchedBefore() throws IOException {
    String commit = work().write("vms/web.kdl", WEB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    end();
    Files.move(work().bare(), directory.resolve("moved"));
    GitSource again = open();
    assertThat(again.read().declarations())
        .extracting(Declaration::revision)
        .containsExactly(commit);
  }

  @Test
  void theDefaultBranchIsFollowedWhereNoneIsNamed() throws IOException {
    work().write("web.kdl", WEB).push();
    settings = any -> GitRepository.of("fleet", work().url(), "", "");
    follow();
    assertThat(await(seen -> seen.trust() == Trust.COMPLETE).declarations()).hasSize(1);
  }

  @Test
  void aSuspendedSourceIsLeftAloneAlsoAfterARestart() throws IOException {
    String first = work().write("vms/web.kdl", WEB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    source().suspend();
    end();
    String second = work().write("vms/db.kdl", DB).push();
    follow();
    source().sync();
    assertThat(source().state().suspended()).isTrue();
    assertThat(source().read().declarations())
        .hasSize(1)
        .allMatch(each -> each.revision().equals(first));
    source().resume();
    await(seen -> seen.declarations().getFirst().revision().equals(second));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/etc/passwd | vms/web.kdl: it cannot be used: it is a link to '/etc/passwd'",
        "../../../outside.kdl | vms/web.kdl: it cannot be used: it is a link to",
        "../../fleet.git/config | vms/web.kdl: it cannot be used: it is a link to",
      })
  void aLinkOutOfTheRepositoryIsNotFollowed(String target, String said) throws IOException {
    Files.writeString(directory.resolve("outside.kdl"), WEB);
    Files.createDirectories(work().work().resolve("vms"));
    Files.createSymbolicLink(work().work().resolve("vms/web.kdl"), Path.of(target));
    work().push();
    follow();
    Snapshot found = await(seen -> !seen.diagnostics().isEmpty());
    assertThat(found.trust()).isEqualTo(Trust.UNKNOWN);
    assertThat(found.why()).contains(said);
  }

  @Test
  void aLinkToAFileOfTheRepositoryIsThatFile() throws IOException {
    work().write("shared/web.kdl", WEB);
    Files.createDirectories(work().work().resolve("vms"));
    Files.createSymbolicLink(work().work().resolve("vms/web.kdl"), Path.of("../shared/web.kdl"));
    work().push();
    follow();
    assertThat(await(seen -> seen.trust() == Trust.COMPLETE).declarations()).hasSize(1);
  }

  @Test
  void aSubmoduleIsLeftOutAndSaidWhereItIsNeeded() throws IOException {
    GitWork other = GitWork.in(Files.createDirectory(directory.resolve("other")));
    other.write("setup.sh", "true\n").push();
    work()
        .write(
            "vms/web.kdl",
            "vm \"web\" {\n  backend \"noop\"\n  provision \"shell\" {\n    script \"sub/setup.sh\"\n  }\n}\n");
    work()
        .git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            other.url(),
            "vms/sub");
    work().push();
    follow();
    Snapshot found = await(seen -> !seen.diagnostics().isEmpty());
    assertThat(found.why()).contains("vms/web.kdl:4:12: vms/sub/setup.sh does not exist");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image \"/etc/passwd\" | host-paths",
        "image \"~/disk.qcow2\" | host-paths",
        "image \"../../../../images/x\" | host-paths",
        "kernel \"/boot/vmlinuz\" | host-paths",
        "provision \"file\" { source \"/etc/shadow\"; destination \"/tmp/x\" } | host-paths",
        "ssh { private-key \"/root/.ssh/id_rsa\" } | host-paths",
        "env { TOKEN file=\"/root/token\" } | host-paths",
        "disks { disk \"d\" image=\"/dev/sda\" } | host-paths",
        "share \"./site\" at=\"/srv\" | shares",
        "share \"/\" at=\"/srv\" | host-paths",
        "forward host=8080 guest=80 bind=\"0.0.0.0\" | public-binds",
        "network \"tap\" | bridges",
        "nics { nic \"lan\" bridge=\"br0\" } | bridges",
        "image-build \"./build\" | image-builds",
      })
  void whatTouchesTheHostIsRefusedUnlessAllowed(String node, String allowance) throws IOException {
    work().write("vms/web.kdl", "vm \"web\" {\n  " + node + "\n}\n").push();
    follow();
    Snapshot found = await(seen -> !seen.diagnostics().isEmpty());
    assertThat(found.diagnostics())
        .anySatisfy(
            each -> {
              assertThat(each.code()).isEqualTo("vmfile.not_allowed");
              assertThat(each.place()).startsWith("vms/web.kdl:2:");
              assertThat(each.help()).contains("allow \"" + allowance + "\"");
            });
  }

  @Test
  void whatIsAllowedIsTaken() throws IOException {
    work()
        .write(
            "vms/web.kdl",
            "vm \"web\" {\n  image \"/images/base.qcow2\"\n  network \"tap\"\n  share \"/srv\" at=\"/srv\"\n}\n")
        .push();
    settings =
        plain ->
            new GitRepository(
                plain.name(),
                plain.url(),
                plain.branch(),
                plain.path(),
                plain.interval(),
                plain.auth(),
                Set.of(Allowance.HOST_PATHS, Allowance.BRIDGES, Allowance.SHARES),
                plain.maxBytes(),
                null,
                null);
    follow();
    assertThat(await(seen -> seen.trust() == Trust.COMPLETE).declarations()).hasSize(1);
  }

  @Test
  void aRepositoryThatIsTooLargeIsNotFetchedWhole() throws IOException {
    byte[] noise = new byte[3 << 20];
    new Random(1).nextBytes(noise);
    work().write("vms/web.kdl", WEB);
    Files.write(work().work().resolve("large.bin"), noise);
    work().push();
    settings = plain -> limited(plain, 1 << 20);
    follow();
    await(seen -> seen.why().contains("larger than the 1 MiB that are allowed"));
    try (var files = Files.walk(directory.resolve("state"))) {
      assertThat(files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum())
          .isLessThan(2 << 20);
    }
  }

  @Test
  void filesThatUnpackToMoreThanIsAllowedAreNotWritten() throws IOException {
    work().write("vms/web.kdl", WEB);
    Files.write(work().work().resolve("zeros.bin"), new byte[8 << 20]);
    work().push();
    settings = plain -> limited(plain, 1 << 20);
    follow();
    await(seen -> seen.why().contains("larger than the 1 MiB that are allowed"));
  }

  @Test
  void aVmForOtherHostsIsNotDeclaredHere() throws IOException {
    work()
        .write("vms/a.kdl", "vm \"a\" {\n  backend \"noop\"\n  hosts \"node-?\"\n}\n")
        .write("vms/b.kdl", "vm \"b\" {\n  backend \"noop\"\n  hosts \"other\" \"NODE-7.*\"\n}\n")
        .write("vms/c.kdl", "vm \"c\" {\n  backend \"noop\"\n  hosts \"node-8*\"\n}\n")
        .push();
    follow();
    assertThat(await(seen -> seen.trust() == Trust.COMPLETE).declarations())
        .extracting(each -> each.name().value())
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void onlyCommitsSignedByAListedKeyAreTaken() throws Exception {
    Path key = key("signer");
    Path stranger = key("stranger");
    Path signers = directory.resolve("allowed_signers");
    Files.writeString(signers, "ann@example.org " + Files.readString(Path.of(key + ".pub")));
    settings =
        plain ->
            new GitRepository(
                plain.name(),
                plain.url(),
                plain.branch(),
                plain.path(),
                plain.interval(),
                plain.auth(),
                Set.of(),
                plain.maxBytes(),
                signers,
                null);
    work().git("config", "gpg.format", "ssh");
    work().git("config", "user.signingkey", key.toString());
    work().write("vms/web.kdl", WEB).commit("-S");
    String good = work().head();
    work().git("push", "-q", "origin", "HEAD:main");
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    work().write("vms/web.kdl", DB).push();
    source().sync();
    await(seen -> seen.why().contains("it is not signed"));
    work().git("config", "user.signingkey", stranger.toString());
    work().commit("-S");
    work().git("push", "-q", "origin", "HEAD:main");
    source().sync();
    Snapshot found = await(seen -> seen.why().contains("it is signed by nobody in"));
    assertThat(found.declarations()).allMatch(each -> each.revision().equals(good));
  }

  private Path key(String name) throws Exception {
    Path file = directory.resolve(name);
    new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
        .start()
        .waitFor();
    return file;
  }

  private static GitRepository limited(GitRepository plain, long bytes) {
    return new GitRepository(
        plain.name(),
        plain.url(),
        plain.branch(),
        plain.path(),
        plain.interval(),
        plain.auth(),
        Set.of(),
        bytes,
        null,
        null);
  }

  private GitSource open() {
    GitRepository plain = GitRepository.of("fleet", work().url(), "main", "vms");
    VmFileReader reader = new VmFileReader(directory.resolve("home")).onHost("node-7.example.org");
    return new GitSource(
        settings.apply(plain), directory.resolve("state"), reader, InstantSource.system());
  }

  private void follow() {
    GitSource opened = open();
    source = opened;
    follower =
        GitFollower.start(
            opened,
            directory.resolve("home"),
            new Random(1),
            () -> {},
            new GitFollower.Notices() {
              @Override
              public void normal(String reason, String message) {
                events.add(reason + " " + message);
              }

              @Override
              public void warning(String reason, String message) {
                events.add(reason + " " + message);
              }
            });
  }

  private Snapshot await(Predicate<Snapshot> wanted) {
    Snapshot[] last = {source().read()};
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .conditionEvaluationListener(
            new org.awaitility.core.ConditionEvaluationListener<Object>() {
              @Override
              public void conditionEvaluated(
                  org.awaitility.core.EvaluatedCondition<Object> condition) {
                // Only the end is of interest.
              }

              @Override
              public void onTimeout(org.awaitility.core.TimeoutEvent event) {
                System.err.println("last seen: " + last[0] + ", events " + events);
              }
            })
        .until(
            () -> {
              last[0] = source().read();
              return wanted.test(last[0]);
            });
    return last[0];
  }

  private static Optional<Declaration> web(Snapshot snapshot) {
    return snapshot.declarations().stream()
        .filter(each -> each.name().equals(new VmName("web")))
        .findFirst();
  }

  private GitWork work() {
    return java.util.Objects.requireNonNull(work);
  }

  private GitSource source() {
    return java.util.Objects.requireNonNull(source);
  }
}
