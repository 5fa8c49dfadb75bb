package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.image.ImageSource.LocalFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;

/** A cache, and a file to be imported into it. */
abstract class ImageCacheFileFixture extends ImageCacheFixture {
  static final int MEGABYTE = 1 << 20;

  final LinuxHostLocks locks = new LinuxHostLocks(new LinuxHostProcesses());
  Path images;
  ImageCache cache;
  Path file;

  @BeforeEach
  void makeAnImage() throws Exception {
    images = directory.resolve("images");
    cache = cacheIn(images);
    file = directory.resolve("disk.raw");
    Files.write(file, content(1, 3 * MEGABYTE));
  }

  ImageCache cacheIn(Path where) {
    return new ImageCache(
        where, TestHost.with(locks), executor, Clock.systemUTC(), DownloadLimits.DEFAULT);
  }

  CachedImage ensure(Path path) throws Exception {
    return cache.ensure(new LocalFile(path), progress -> {}).get();
  }

  static void assertNothingLeftOver(Path cache) throws Exception {
    try (var parts = Files.list(cache.resolve("parts"))) {
      assertThat(parts.filter(part -> part.toString().endsWith(".part"))).isEmpty();
    }
  }

  static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (var in = Files.newInputStream(file)) {
      byte[] buffer = new byte[MEGABYTE];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
