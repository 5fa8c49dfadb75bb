package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.vmctl.image.ImageSource.Url;
import dev.vmctl.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A cache, and a web server with images. */
abstract class ImageCacheUrlFixture extends ImageCacheFixture {
  static final byte[] CONTENT = content(1, 300 * 512);
  static final WireMockServer SERVER =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

  ImageCache cache;

  @BeforeAll
  static void serve() {
    SERVER.start();
  }

  static void serve(String path, byte[] body) {
    SERVER.stubFor(get(path).willReturn(ok().withBody(body)));
  }

  @AfterAll
  static void stopServing() {
    SERVER.stop();
  }

  @BeforeEach
  void open() {
    SERVER.resetAll();
    cache = cacheIn(directory.resolve("images"), DownloadLimits.DEFAULT);
  }

  ImageCache cacheIn(Path where, DownloadLimits limits) {
    return new ImageCache(where, TestHost.here(), executor, Clock.systemUTC(), limits);
  }

  Url url(String path) {
    return new Url("http://127.0.0.1:" + SERVER.port() + path);
  }

  CachedImage ensure(String path) throws Exception {
    return cache.ensure(url(path), progress -> {}).get();
  }

  void assertFails(ErrorCode code, String path, String saying) {
    assertFails(code, cache.ensure(url(path), progress -> {}), saying);
    assertThat(cache.lookup(url(path))).isEmpty();
    assertNothingLeft();
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
