package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.EventQuery;
import dev.vmctl.api.SourceView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.Observer;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileTrees;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.git.GitWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that commands have added, and what becomes of them when a daemon starts anew. */
class AddedSourcesTest {
  private static final VmName WEB = new VmName("web");
  private static final VmName DB = new VmName("db");
  private static final String FILE = "added-sources.json";

  @TempDir Path directory = Path.of("/nonexistent");
  private @Nullable VmctlEngine engine;
  private Path file = Path.of("/nonexistent");
  private Path watched = Path.of("/nonexistent");
  private String asAdded = "";

  @BeforeEach
  void aRepositoryAndADirectoryWereAdded() throws IOException {
    file = directory.resolve("data").resolve(FILE);
    GitWork work = GitWork.in(directory);
    work.write("web.kdl", vm("web")).push();
    watched = Files.createDirectory(directory.resolve("watched"));
    Files.writeString(watched.resolve("db.kdl"), vm("db"));
    open();
    api().addSource(new AddedSource("fleet", null, repository(work.url(), "")));
    api().addSource(AddedSource.of(watched));
    until(() -> isReady(WEB) && isReady(DB));
    close();
    asAdded = Files.readString(file);
  }

  @AfterEach
  void close() {
    VmctlEngine open = engine;
    if (open != null) {
      open.close();
    }
    engine = null;
  }

  @Test
  @Fault(area = Area.GIT, value = "a source that was added has become invalid")
  void oneThatHasBecomeInvalidKeepsItsVmsAndHidesNoOther(Seen seen) throws IOException {
    Files.writeString(
        file, asAdded.replace("\"branch\"", "\"tokenFile\" : \"/etc/token\", \"branch\""));
    open();
    SourceView fleet = source("fleet");
    assertThat(fleet.state()).isEqualTo("unknown");
    seen.says(fleet.problem());
    until(() -> stalled(WEB).contains(fleet.problem()) && isReady(WEB));
    assertThat(api().info().ready()).isFalse();
    assertThat(Objects.requireNonNull(engine).stats().sources())
        .extracting(EngineStats.Source::up)
        .containsExactly(false, true);
    Files.delete(watched.resolve("db.kdl"));
    Files.writeString(watched.resolve("cache.kdl"), vm("cache"));
    until(() -> isReady(new VmName("cache")));

    Files.writeString(file, asAdded);
    resync();
    until(() -> source("fleet").state().equals("ok") && stalled(WEB).isEmpty());
    assertThat(api().sources()).hasSize(2);
    assertThat(api().status(WEB).generation()).isEqualTo(1);
  }

  @Test
  void oneThatCannotBeUnderstoodIsRemovedByItsNameAndHidesNoOther() throws IOException {
    Files.writeString(file, asAdded.replace("\"branch\" : \"main\"", "\"branch\" : null"));
    open();
    assertThat(source("fleet").problem()).contains("remove fleet");
    assertThat(source(watched.toString()).state()).isEqualTo("ok");
    assertThat(isReady(WEB)).isTrue();
    api().removeSource("fleet", false);
    assertThat(api().sources()).hasSize(1);
    assertThat(Files.readString(file)).contains(watched.toString()).doesNotContain("fleet");
    assertThat(isReady(WEB)).isTrue();
  }

  @Test
  @Fault(area = Area.DATA, value = "the list of sources that were added cannot be told")
  void aListThatCannotBeToldKeepsAllVmsAndIsNotWrittenOver(Seen seen) throws IOException {
    seen.calling(directory, "<dir>");
    Files.writeString(file, asAdded.substring(0, asAdded.length() / 2));
    open();
    SourceView list = source(FILE);
    assertThat(api().sources()).containsExactly(list);
    seen.says("it is broken off", list.problem());
    assertThat(api().info().ready()).isFalse();
    assertThat(isReady(WEB)).isTrue();
    assertThat(isReady(DB)).isTrue();
    assertThatThrownBy(() -> api().addSource(AddedSource.of(directory)))
        .isInstanceOfSatisfying(
            VmException.class, failure -> seen.failed("one more is added meanwhile", failure));

    Files.delete(file);
    Files.createDirectory(file);
    api().syncSource(FILE);
    seen.says("it is no file", source(FILE).problem());

    Files.delete(file);
    Files.writeString(file, asAdded);
    api().syncSource(FILE);
    until(() -> api().sources().stream().allMatch(each -> each.state().equals("ok")));
    assertThat(api().sources()).hasSize(2);
    assertThat(api().list()).hasSize(2);
  }

  @Test
  void whatWasFetchedGoesWhenNothingNeedsItAnyMore() throws IOException {
    Path fetched = directory.resolve("data/sources");
    open();
    GitWork other = GitWork.in(Files.createDirectory(directory.resolve("other")));
    other.write("vms/cache.kdl", vm("cache", "cloud-init { user-data \"../user-data\" }"));
    other.write("user-data", "#cloud-config\n").push();
    api().addSource(new AddedSource("other", null, repository(other.url(), "vms")));
    VmName cache = new VmName("cache");
    until(() -> isReady(cache));
    assertThat(fetched).isDirectoryContaining(Files::isDirectory);

    api().removeSource("fleet", false);
    assertThat(entries(fetched)).hasSize(1);
    api().removeSource("other", false);
    resync();
    assertThat(entries(fetched)).hasSize(2);
    // One that has a disk would be there in the trash.
    Path trash = Files.createDirectories(directory.resolve("data/trash/cache-1"));
    Files.copy(directory.resolve("data/vms/cache/vm.json"), trash.resolve("vm.json"));
    api().destroy(cache, false);
    until(() -> api().list().size() == 2);
    resync();
    assertThat(entries(fetched)).hasSize(2);
    Path generation = Files.createDirectory(trash.resolve("history")).resolve("1.json");
    Files.move(trash.resolve("vm.json"), generation);
    resync();
    assertThat(entries(fetched)).as("it may be rolled back to").hasSize(2);
    FileTrees.delete(trash);
    resync();
    assertThat(entries(fetched)).isEmpty();
    assertThat(isReady(WEB)).isTrue();
  }

  @Test
  void whereWhatWasFetchedCannotBeReadTheVmsStayAndItIsFetchedAgain() throws IOException {
    Path fetched = entries(directory.resolve("data/sources")).getFirst();
    FileTrees.delete(fetched);
    Files.createFile(fetched);
    open();
    assertThat(source("fleet").problem()).contains(fetched.toString());
    assertThat(source(watched.toString()).state()).isEqualTo("ok");
    assertThat(isReady(WEB)).isTrue();
    Files.delete(fetched);
    api().syncSource("fleet");
    until(() -> source("fleet").state().equals("ok"));
    assertThat(api().status(WEB).generation()).isEqualTo(1);
  }

  @Test
  void aVmThatAnotherSourceHasIsAProblemOfTheSecond() throws IOException {
    Files.writeString(watched.resolve("web.kdl"), vm("web"));
    open();
    assertThat(source("fleet").state()).isEqualTo("ok");
    SourceView second = source(watched.toString());
    assertThat(second.state()).isEqualTo("invalid");
    assertThat(second.problem()).contains("web.kdl:1 declares web, which belongs to file://");
    Files.delete(watched.resolve("web.kdl"));
    resync();
    assertThat(source(watched.toString()).problem()).isEmpty();
  }

  @Test
  void whatWasFetchedStaysWhenTheSourceIsAddedAgain() {
    open();
    SourceView fleet = source("fleet");
    Path fetched = directory.resolve("data/sources");
    Path mark = fetched.resolve(entries(fetched).getFirst().getFileName() + ".removed");
    // As if the daemon had been killed between the two.
    AtomicFiles.write(mark, fleet.location(), AtomicFiles.Access.OWNER);
    resync();
    assertThat(entries(fetched)).hasSize(1).doesNotContain(mark);
  }

  @Test
  @Fault(area = Area.GIT, value = "what was fetched of a source that was removed cannot be deleted")
  void whatCannotBeDeletedIsToldAndTriedAgain(Seen seen) throws IOException {
    seen.calling(directory, "<dir>");
    open();
    Path mark = directory.resolve("data/sources/0123456789abcdef.removed");
    Files.createDirectories(mark.resolve("in-the-way"));
    api().removeSource("fleet", false);
    assertThat(entries(directory.resolve("data/sources"))).containsExactly(mark);
    seen.says(
        api().events(new EventQuery(null, null)).events().stream()
            .filter(each -> each.reason().equals("SourceNotSwept"))
            .map(each -> each.reason() + " " + each.message())
            .findFirst()
            .orElseThrow());
    Files.delete(mark.resolve("in-the-way"));
    resync();
    assertThat(mark).doesNotExist();
  }

  private static List<Path> entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void resync() {
    Objects.requireNonNull(engine).resync();
  }

  private void open() {
    engine =
        VmctlEngine.open(
            EngineOptions.daemon(directory.resolve("data"), List.of(), Observer.none()));
  }

  private Vmctl api() {
    return Objects.requireNonNull(engine).api();
  }

  private boolean isReady(VmName name) {
    return api().list().stream().anyMatch(each -> each.name().equals(name.value()) && each.ready());
  }

  private SourceView source(String name) {
    return api().sources().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String stalled(VmName name) {
    return api().status(name).conditions().stream()
        .filter(each -> each.type().equals("Stalled") && each.status().equals("True"))
        .map(VmStatus.ConditionView::message)
        .findFirst()
        .orElse("");
  }

  private static void until(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  private static AddedSource.Repository repository(String url, String path) {
    return new AddedSource.Repository(
        url, "main", path, 3600L, null, null, null, null, List.of(), null);
  }

  private static String vm(String name, String... lines) {
    return "vm \"" + name + "\" {\n  backend \"noop\"\n" + String.join("\n", lines) + "\n}\n";
  }
}
