package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageRemovalTest extends ImageCacheFixture {
  private ImageCache cache;
  private CachedImage used;
  private CachedImage unused;

  @BeforeEach
  void makeImages() throws Exception {
    cache =
        new ImageCache(
            directory.resolve("images"),
            TestHost.here(),
            executor,
            Clock.systemUTC(),
            DownloadLimits.DEFAULT);
    used = image("used");
    unused = image("unused");
  }

  private CachedImage image(String name) throws Exception {
    byte[] content = Arrays.copyOf(("\0" + name).getBytes(StandardCharsets.UTF_8), 1024);
    Path file = Files.write(directory.resolve(name), content);
    return cache.ensure(new LocalFile(file), progress -> {}).get();
  }

  @Test
  void whatIsNeededStaysAndTheRestGoesWithItsTraces() {
    cache.name(unused, "old");

    List<StoredImage> removed = cache.remove(image -> true, () -> Set.of(used.digest()));

    assertThat(removed).extracting(StoredImage::image).containsExactly(unused);
    assertThat(removed.getFirst().names()).containsExactly("old");
    assertThat(cache.list()).containsExactly(used);
    assertThat(cache.lookup(new LocalFile(directory.resolve("unused")))).isEmpty();
    assertThat(cache.lookup(new LocalFile(directory.resolve("used")))).contains(used);
  }

  @Test
  void anImageThatIsPutToUseMeanwhileIsPutBack() {
    AtomicInteger asked = new AtomicInteger();

    List<StoredImage> removed =
        cache.remove(
            image -> image.image().equals(unused),
            () -> asked.getAndIncrement() == 0 ? Set.of() : Set.of(unused.digest()));

    assertThat(removed).isEmpty();
    assertThat(cache.list()).contains(unused);
  }

  @Test
  void whenItCannotBeToldWhatIsNeededNothingIsRemoved() {
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                cache.remove(
                    image -> true,
                    () -> {
                      if (asked.getAndIncrement() > 0) {
                        throw new VmException(ErrorCode.IO, "unreadable", "");
                      }
                      return Set.of();
                    }))
        .isInstanceOf(VmException.class);
    assertThat(cache.list()).contains(used, unused);
  }

  @Test
  void aDamagedImageIsFoundOut() throws Exception {
    assertThat(cache.verify(used, progress -> {}).get()).isEqualTo(used);
    Files.delete(unused.path());
    Files.write(unused.path(), new byte[1024]);
    assertThatThrownBy(() -> cache.verify(unused, progress -> {}).join())
        .cause()
        .isInstanceOfSatisfying(
            VmException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CHECKSUM_MISMATCH));
  }

  @Test
  void anImageIsKnownByDigestNameAndSource() {
    cache.name(used, "debian");
    cache.name(unused, "debian");
    cache.name(used, "other");
    StoredImage stored =
        cache.stock().stream().filter(each -> each.image().equals(used)).findFirst().orElseThrow();
    for (String reference :
        List.of(
            used.digest(),
            used.digest().substring(7, 20),
            "other",
            "" + directory.resolve("used"))) {
      assertThat(stored.isCalled(reference)).as(reference).isTrue();
    }
    assertThat(stored.isCalled("debian")).as("another one has it now").isFalse();
    assertThat(stored.isCalled(used.digest().substring(7, 10))).as("too short").isFalse();
  }
}
