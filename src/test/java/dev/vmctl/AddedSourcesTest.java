package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.SourceView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.Observer;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.git.GitWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
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
    api().addSource(new AddedSource("fleet", null, repository(work.url())));
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
    Objects.requireNonNull(engine).resync();
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

  private static AddedSource.Repository repository(String url) {
    return new AddedSource.Repository(
        url, "main", "", 3600L, null, null, null, null, List.of(), null);
  }

  private static String vm(String name) {
    return "vm \"" + name + "\" {\n  backend \"noop\"\n}\n";
  }
}
