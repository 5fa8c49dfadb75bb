package dev.vmctl.source.git;

import static dev.vmctl.source.git.FollowedRepository.DB;
import static dev.vmctl.source.git.FollowedRepository.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.Allowance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One repository, written to by the real git, followed over a file URL. */
class GitFollowerTest {
  @TempDir Path directory = Path.of("/nonexistent");
  private @Nullable FollowedRepository repository;

  @BeforeEach
  void make() {
    repository = new FollowedRepository(directory);
  }

  @AfterEach
  void end() {
    repository().close();
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
    assertThat(repository().events())
        .contains("GitCommit " + source().id() + " is at commit " + commit);
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
  void itGoesOnFromWhatWasFetchedBefore() throws IOException {
    String commit = work().write("vms/web.kdl", WEB).push();
    follow();
    await(seen -> seen.trust() == Trust.COMPLETE);
    end();
    Files.move(work().bare(), directory.resolve("moved"));
    GitSource again = repository().open();
    assertThat(again.read().declarations())
        .extracting(Declaration::revision)
        .containsExactly(commit);
  }

  @Test
  void theDefaultBranchIsFollowedWhereNoneIsNamed() throws IOException {
    work().write("web.kdl", WEB).push();
    repository().set(any -> GitRepository.of("fleet", work().url(), "", ""));
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
  void whatIsAllowedIsTaken() throws IOException {
    work()
        .write(
            "vms/web.kdl",
            "vm \"web\" {\n  image \"/images/base.qcow2\"\n  network \"tap\"\n  share \"/srv\" at=\"/srv\"\n}\n")
        .push();
    repository()
        .set(
            FollowedRepository.allowing(Allowance.HOST_PATHS, Allowance.BRIDGES, Allowance.SHARES));
    follow();
    assertThat(await(seen -> seen.trust() == Trust.COMPLETE).declarations()).hasSize(1);
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

  private static Optional<Declaration> web(Snapshot snapshot) {
    return snapshot.declarations().stream()
        .filter(each -> each.name().equals(new VmName("web")))
        .findFirst();
  }

  private FollowedRepository repository() {
    return Objects.requireNonNull(repository);
  }

  private GitWork work() {
    return repository().work();
  }

  private GitSource source() {
    return repository().source();
  }

  private void follow() {
    repository().follow();
  }

  private Snapshot await(Predicate<Snapshot> wanted) {
    return repository().await(wanted);
  }
}
