package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.vmctl.host.FileExtents;
import dev.vmctl.image.ImageSource.Url;
import dev.vmctl.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** URLs in the cache: downloaded once, checked, and asked for again when that is wanted. */
class ImageCacheUrlTest extends ImageCacheUrlFixture {
  @Test
  void aUrlIsDownloadedOnceAndNotAskedForAgain() throws Exception {
    serve("/disk.img", CONTENT);
    CachedImage image = ensure("/disk.img");

    assertThat(image.path()).hasBinaryContent(CONTENT);
    assertThat(cache.lookup(url("/disk.img"))).contains(image);
    assertThat(ensure("/disk.img")).isEqualTo(image);
    SERVER.verify(1, getRequestedFor(urlEqualTo("/disk.img")));
  }

  @Test
  void compressedImagesAreStoredAsTheyAreInside() throws Exception {
    serve("/disk.raw.zst", Zstd.compress(CONTENT));
    serve("/disk.raw.gz", gzip(CONTENT));
    CachedImage image = ensure("/disk.raw.zst");
    assertThat(image.path()).hasBinaryContent(CONTENT);
    assertThat(ensure("/disk.raw.gz")).isEqualTo(image);
  }

  @Test
  void severalZstdFramesAreOneImage() throws Exception {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.write(Zstd.compress(Arrays.copyOf(CONTENT, 1000)));
    frames.write(Zstd.compress(Arrays.copyOfRange(CONTENT, 1000, CONTENT.length)));
    serve("/disk", frames.toByteArray());
    assertThat(ensure("/disk").path()).hasBinaryContent(CONTENT);
  }

  @Test
  void zerosOfADownloadTakeNoSpace() throws Exception {
    byte[] large = Arrays.copyOf(CONTENT, 64 << 20);
    serve("/disk.zst", Zstd.compress(large));
    CachedImage image = ensure("/disk.zst");
    assertThat(Files.size(image.path())).isEqualTo(64 << 20);
    assertThat(FileExtents.dataBytes(image.path())).isLessThan(1 << 20);
  }

  @Test
  void revalidationFetchesOnlyWhatChanged() throws Exception {
    SERVER.stubFor(get("/disk").willReturn(ok().withHeader("ETag", "\"one\"").withBody(CONTENT)));
    CachedImage first = ensure("/disk");
    SERVER.stubFor(
        get("/disk").withHeader("If-None-Match", equalTo("\"one\"")).willReturn(status(304)));
    assertThat(cache.refresh(url("/disk"), progress -> {}).get()).isEqualTo(first);

    SERVER.stubFor(
        get("/disk")
            .withHeader("If-None-Match", equalTo("\"one\""))
            .willReturn(ok().withHeader("ETag", "\"two\"").withBody(content(2, 1024))));
    CachedImage second = cache.refresh(url("/disk"), progress -> {}).get();

    assertThat(second.path()).hasBinaryContent(content(2, 1024));
    assertThat(cache.lookup(url("/disk"))).contains(second);
    assertThat(cache.byDigest(first.digest())).contains(first);
  }

  @Test
  void theUserOfAUrlLogsIn() throws Exception {
    SERVER.stubFor(get("/disk").willReturn(status(401)));
    SERVER.stubFor(get("/disk").withBasicAuth("ann", "a+b").willReturn(ok().withBody(CONTENT)));
    Url url = new Url("http://ann:a+b@127.0.0.1:" + SERVER.port() + "/disk");
    assertThat(cache.ensure(url, p -> {}).get().path()).hasBinaryContent(CONTENT);
  }

  @Test
  void redirectsAreFollowedButNotForEver() throws Exception {
    SERVER.stubFor(get("/old").willReturn(temporaryRedirect("/disk")));
    serve("/disk", CONTENT);
    assertThat(ensure("/old").path()).hasBinaryContent(CONTENT);
    SERVER.stubFor(get("/loop").willReturn(temporaryRedirect("/loop")));
    assertFails(ErrorCode.IMAGE_REDIRECT_LOOP, "/loop", "redirects");
  }

  @Test
  void secretsOfAUrlAreNeverShown() {
    SERVER.stubFor(get(urlPathEqualTo("/disk")).willReturn(status(403)));
    String secret = "http://user:hunter2@127.0.0.1:" + SERVER.port() + "/disk?token=hunter2";
    assertThatThrownBy(() -> cache.ensure(new Url(secret), p -> {}).join())
        .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2").contains("/disk"));
  }

  @Test
  void whatWasDeclaredOfAnImageIsCheckedBeforeItIsUsed() throws Exception {
    byte[] zstd = Zstd.compress(CONTENT);
    serve("/disk.zst", zstd);
    serve(
        "/SHA256SUMS",
        (hex(zstd) + " *disk.zst\n" + hex(CONTENT) + "  other\n").getBytes(StandardCharsets.UTF_8));
    serve("/BSD", ("SHA256 (disk.zst) = " + hex(zstd) + "\n").getBytes(StandardCharsets.UTF_8));
    serve("/WRONG", ("0".repeat(64) + "  ./disk.zst\n").getBytes(StandardCharsets.UTF_8));
    serve("/EMPTY", "nothing here\n".getBytes(StandardCharsets.UTF_8));

    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding("0".repeat(64)), hex(zstd));
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding(at("/WRONG")), hex(zstd));
    assertFails(ErrorCode.IMAGE_CHECKSUM_UNAVAILABLE, demanding(at("/EMPTY")), "disk.zst");
    assertFails(ErrorCode.IMAGE_CHECKSUM_UNAVAILABLE, demanding(at("/NONE")), "no list");
    assertThat(cache.list()).isEmpty();
    assertNothingLeft();
    CachedImage image = demanding(at("/SHA256SUMS")).get();
    for (String right : List.of(at("/BSD"), hex(zstd), "sha256:" + hex(CONTENT))) {
      assertThat(demanding(right).get()).isEqualTo(image);
    }
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding("0".repeat(64)), hex(zstd));
    assertThat(cache.lookup(url("/disk.zst"))).contains(image);
  }

  private CompletableFuture<CachedImage> demanding(String checksum) {
    return cache.ensure(new Url(at("/disk.zst"), checksum), progress -> {});
  }

  private static String hex(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private String at(String path) {
    return url(path).url();
  }
}
