package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.QemuImg;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageBuildTest {
  private final ExecutorService executor = Executors.newCachedThreadPool();
  @TempDir Path directory;
  private Path guest;
  private ImageCache cache;

  @BeforeEach
  void makeAGuest() throws Exception {
    guest = Files.createDirectories(directory.resolve("guest"));
    cache = cache();
    program(
        """
        #!/bin/sh
        set -e
        echo run >> "%s"
        here=$(dirname "$0")
        truncate -s 4096 "$1/root.raw"
        cat "$here/content" | dd of="$1/root.raw" conv=notrunc 2>/dev/null
        """
            .formatted(directory.resolve("runs")));
    Files.writeString(guest.resolve("content"), "one");
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private ImageCache cache() {
    return new ImageCache(
        directory.resolve("images"),
        TestHost.here(),
        executor,
        Clock.systemUTC(),
        DownloadLimits.DEFAULT);
  }

  private void program(String text) throws Exception {
    Path build = Files.writeString(guest.resolve("build"), text);
    assertThat(build.toFile().setExecutable(true)).isTrue();
  }

  private CompletableFuture<CachedImage> ensure() {
    return cache.ensure(new ImageSource.Build(guest), progress -> {});
  }

  private long runs() throws Exception {
    return Files.readAllLines(directory.resolve("runs")).size();
  }

  @Test
  void anImageIsBuiltOnceAndAgainWhenItsFilesChange() throws Exception {
    CachedImage first = ensure().get();
    assertThat(Files.readString(first.path())).startsWith("one");
    assertThat(cache.lookup(new ImageSource.Build(guest))).contains(first);
    assertThat(cache().ensure(new ImageSource.Build(guest), p -> {}).get()).isEqualTo(first);
    assertThat(runs()).isEqualTo(1);

    Files.writeString(guest.resolve("content"), "two");
    assertThat(cache.lookup(new ImageSource.Build(guest))).isEmpty();
    assertThat(Files.readString(ensure().get().path())).startsWith("two");
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void aFileThatWasOnlyTouchedBuildsNothing() throws Exception {
    CachedImage first = ensure().get();
    Files.writeString(guest.resolve("content"), "one");
    assertThat(ensure().get()).isEqualTo(first);
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void aBuildThatFailsSaysWhatItSaidAndLeavesNothing() throws Exception {
    program(
        "#!/bin/sh\necho working\necho 'no such package: x' >&2\ntouch \"$1/root.raw\"\nexit 3\n");
    assertFails(ErrorCode.IMAGE_BUILD_FAILED, "exit code 3: no such package: x");
    program("#!/bin/sh\ntrue\n");
    assertFails(ErrorCode.IMAGE_BUILD_FAILED, "wrote no root.qcow2");
    program("#!/bin/sh\necho no image > \"$1/root.raw\"\n");
    assertFails(ErrorCode.IMAGE_FORMAT_DETECTION_FAILED, "is text");
    QemuImg.succeed("create", "-q", "-f", "raw", directory.resolve("below").toString(), "1M");
    program(
        "#!/bin/sh\nqemu-img create -q -f qcow2 -F raw -b %s/below \"$1/root.qcow2\"\n"
            .formatted(directory));
    assertFails(
        ErrorCode.IMAGE_INVALID, "of " + guest + ": the built root.qcow2 is an overlay that needs");
    Files.delete(guest.resolve("build"));
    assertFails(ErrorCode.IMAGE_NOT_FOUND, "no program 'build'");
    assertThat(cache.list()).isEmpty();
  }

  private void assertFails(ErrorCode code, String saying) throws Exception {
    assertThatThrownBy(() -> ensure().join())
        .cause()
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage()).contains(saying);
            });
    try (var parts = Files.list(directory.resolve("images/parts"))) {
      assertThat(parts.filter(part -> !part.toString().endsWith(".lock"))).isEmpty();
    }
  }
}
