package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.Changes;
import dev.vmctl.api.SampleViews;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Watch;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The watch on a real socket; what the engine tells is the test's to say. */
class WatchersTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ToldVmctl engine = new ToldVmctl();
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
  private final Watchers watchers = new Watchers(engine, vertx);
  @TempDir private Path directory = Path.of("unset");
  private Path socket = Path.of("unset");
  private int served;

  @BeforeEach
  void serve() throws Exception {
    start(watchers);
  }

  private HttpServer start(Watchers some) throws Exception {
    Router router = Router.router(vertx);
    some.serve(router);
    socket = directory.resolve("s" + served++);
    return vertx
        .createHttpServer()
        .requestHandler(router)
        .listen(SocketAddress.domainSocketAddress(socket.toString()))
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void end() throws Exception {
    watchers.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aWatcherIsToldAllThereIsAndThenWhatChanges() {
    engine.tell(vm("a", "running"), vm("b", "running"));
    try (Watch watch = new DaemonClient(socket).watch(Set.of())) {
      Changes first = watch.next(Duration.ZERO);
      assertThat(first.whole()).isTrue();
      assertThat(first.vms()).containsExactly(vm("a", "running"), vm("b", "running"));
      assertThat(watch.next(Duration.ofMillis(1)).vms()).isEmpty();
      engine.tell(vm("b", "stopped"));
      assertThat(watch.next(LONG))
          .isEqualTo(new Changes(engine.version(), List.of(vm("b", "stopped")), List.of()));
      engine.tellGone("a");
      assertThat(watch.next(LONG).gone()).containsExactly("a");
    }
    Awaitility.await().until(() -> watchers.size() == 0);
  }

  @Test
  void whoAsksForSomeIsToldOfThoseOnly() {
    engine.tell(vm("a", "running"), vm("b", "running"));
    try (Watch watch = new DaemonClient(socket).watch(Set.of(new VmName("a")))) {
      assertThat(watch.next(Duration.ZERO).vms()).containsExactly(vm("a", "running"));
      engine.tell(vm("b", "stopped"));
      engine.tell(vm("a", "stopped"));
      assertThat(watch.next(LONG).vms()).containsExactly(vm("a", "stopped"));
    }
  }

  @Test
  void whoComesBackIsToldWhatHeMissed() throws IOException {
    engine.tell(vm("a", "running"), vm("b", "running"), vm("c", "running"));
    String before = read("/v1/watch", "", "event: synced");
    long version = engine.version();
    assertThat(before).contains("id: " + version + "\n");
    engine.tell(vm("b", "stopped"));
    engine.tellGone("c");
    for (String path : List.of("/v1/watch?version=" + version, "/v1/watch")) {
      String header = path.endsWith("watch") ? "Last-Event-ID: " + version + "\r\n" : "";
      String missed = read(path, header, "event: gone\ndata: {\"name\":\"c\"}");
      assertThat(missed).contains("\"name\":\"b\"").doesNotContain("\"name\":\"a\"");
    }
  }

  @Test
  void oneTooManyIsRefusedUntilAnotherHasGone() throws Exception {
    engine.tell(vm("a", "running"));
    try (Watchers few = new Watchers(engine, vertx, 2)) {
      start(few);
      try (Watch first = new DaemonClient(socket).watch(Set.of())) {
        assertThat(first.next(Duration.ZERO).vms()).hasSize(1);
        try (Watch second = new DaemonClient(socket).watch(Set.of())) {
          assertThat(second.next(Duration.ZERO).vms()).hasSize(1);
          assertThat(read("/v1/watch", "", "}"))
              .startsWith("HTTP/1.1 503 ")
              .contains("\"code\":\"limit.reached\"", "there are 2 watchers already");
        }
        Awaitility.await().until(() -> few.size() == 1);
        assertThat(read("/v1/watch", "", "event: synced")).startsWith("HTTP/1.1 200 ");
        engine.tell(vm("a", "stopped"));
        assertThat(first.next(LONG).vms()).containsExactly(vm("a", "stopped"));
      }
    }
  }

  @Test
  void aVersionThatIsTooOldIsAnsweredWithRelist() throws IOException {
    engine.tell(vm("a", "running"));
    read("/v1/watch", "", "event: synced");
    for (long version : new long[] {1, engine.version() + 1_000}) {
      assertThat(read("/v1/watch?version=" + version, "", "}"))
          .startsWith("HTTP/1.1 410 ")
          .containsIgnoringCase("content-type: application/problem+json")
          .contains("\"code\":\"watch.expired\"", "relist");
    }
    assertThat(read("/v1/watch?version=x", "", "}")).startsWith("HTTP/1.1 400 ");
    assertThat(read("/v1/watch?names=../etc", "", "}"))
        .startsWith("HTTP/1.1 400 ")
        .contains("vm.name_invalid");
  }

  @Test
  @Timeout(60)
  void aVmThatVanishedWhileTheEngineWasReplacedIsGone() {
    engine.tell(vm("a", "running"), vm("b", "running"));
    try (Watch watch = new DaemonClient(socket).watch(Set.of())) {
      watch.next(Duration.ZERO);
      engine.tellWhole(vm("b", "running"));
      // What is still there may be told before.
      List<String> gone = watch.next(LONG).gone();
      while (gone.isEmpty()) {
        gone = watch.next(LONG).gone();
      }
      assertThat(gone).containsExactly("a");
    }
  }

  @Test
  void aClientGoesOnWithTheNextDaemonOfItsSocket() throws Exception {
    engine.tell(vm("a", "running"), vm("b", "running"));
    Path first = socket;
    try (Watch watch = new DaemonClient(first).watch(Set.of())) {
      assertThat(watch.next(Duration.ZERO).vms()).hasSize(2);
      try (Watchers next = new Watchers(engine, vertx)) {
        start(next);
        Files.delete(first);
        Files.createLink(first, socket);
        engine.tell(vm("b", "stopped"));
        assertThat(watch.next(LONG).vms()).hasSize(1);
        engine.skip();
        watchers.close();
        Changes after = watch.next(LONG);
        assertThat(after.whole()).isTrue();
        assertThat(after.vms()).containsExactly(vm("b", "stopped"));
      }
    }
    assertThatThrownBy(() -> new DaemonClient(directory.resolve("none")).watch(Set.of()))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DAEMON_UNREACHABLE));
  }

  @Test
  @Fault(area = Area.API, value = "1,000 watchers that do not read")
  void aThousandWatchersCostLittleAndAreToldAtOnceThoughSomeDoNotRead(Seen seen) throws Exception {
    VmStatus[] many =
        IntStream.range(0, 1_000).mapToObj(i -> vm("vm-" + i, "running")).toArray(VmStatus[]::new);
    engine.tell(many);
    List<SocketChannel> deaf = new ArrayList<>();
    long before = used();
    for (int i = 0; i < 1_000; i++) {
      deaf.add(ask("/v1/watch", "")); // They never read: all a megabyte each has to wait.
    }
    Awaitility.await().until(() -> watchers.size() == 1_000);
    try (Watch watch = new DaemonClient(socket).watch(Set.of())) {
      assertThat(watch.next(Duration.ZERO).vms()).hasSize(1_000);
      List<Long> times = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        long start = System.nanoTime();
        engine.tell(vm("vm-" + i, "stopped"));
        assertThat(watch.next(LONG).vms()).hasSize(1);
        times.add((System.nanoTime() - start) / 1_000);
      }
      times.sort(null);
      System.out.println("watch: median " + times.get(50) + " us, p99 " + times.get(98) + " us");
      assertThat(used() - before).isLessThan(100L << 20);
      assertThat(times.get(50)).isLessThan(20_000);
    }
    for (SocketChannel each : deaf) {
      each.close();
    }
    Awaitility.await().until(() -> watchers.size() == 0);
    seen.says("nothing: the others are told at once");
  }

  @Test
  void whoReadsSlowlyIsToldOfThePresentNotOfAllThatLedThere() throws IOException {
    engine.tell(
        IntStream.range(0, 500).mapToObj(i -> vm("vm-" + i, "new")).toArray(VmStatus[]::new));
    try (SocketChannel slow = ask("/v1/watch", "")) {
      Awaitility.await().until(() -> watchers.size() == 1);
      for (int i = 0; i < 5_000; i++) {
        engine.tell(vm("vm-499", "state-" + i));
      }
      Awaitility.await().until(engine::isAllTold);
      String all = until(slow, "state-4999");
      assertThat(all.split("\"vm-499\"", -1).length - 1).isLessThan(50);
    }
  }

  @Test
  void whoMissedMoreThanIsRememberedIsSentToList() throws IOException {
    engine.tell(vm("a", "running"));
    read("/v1/watch", "", "event: synced");
    long version = engine.version();
    for (int i = 0; i <= Journal.MOST_GONE; i++) {
      engine.tell(vm("vm-" + i, "running"));
      engine.tellGone("vm-" + i);
    }
    Awaitility.await().until(engine::isAllTold);
    assertThat(read("/v1/watch?version=" + version, "", "}")).startsWith("HTTP/1.1 410 ");
    assertThat(read("/v1/watch", "", "event: synced")).doesNotContain("event: gone");
  }

  private SocketChannel ask(String path, String header) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private String read(String path, String header, String end) throws IOException {
    try (SocketChannel channel = ask(path, header)) {
      return until(channel, end);
    }
  }

  private static String until(SocketChannel channel, String end) throws IOException {
    InputStream in = Channels.newInputStream(channel);
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[64 << 10];
    while (text.lastIndexOf(end) < 0) {
      int count = in.read(buffer);
      assertThat(count).as(text.toString()).isPositive();
      text.append(new String(Arrays.copyOf(buffer, count), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  static VmStatus vm(String name, String state) {
    VmSummary summary =
        new VmSummary(name, state, true, "noop", 1, 128, "none", null, null, "/srv", true);
    VmStatus like = SampleViews.STATUS;
    return new VmStatus(
        summary,
        like.uuid(),
        2,
        1,
        like.conditions(),
        List.of(),
        3,
        like.provision(),
        null,
        null,
        null,
        null,
        null,
        null,
        like.paths(),
        "",
        true,
        null,
        null,
        List.of(),
        null,
        null);
  }
}
