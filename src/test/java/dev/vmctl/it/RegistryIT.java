package dev.vmctl.it;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and a registry: all that its library needs is on their class path. */
class RegistryIT {
  @TempDir Path directory;

  @Test
  void anImageIsPushedByACommandWithATokenAndWithoutNoise() throws Exception {
    WireMockServer server =
        new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
    try (Installation vmctl = Installation.in(directory, "data")) {
      server.start();
      server.stubFor(any(anyUrl()).atPriority(9).willReturn(status(404)));
      server.stubFor(
          any(urlPathMatching("/v2/.*"))
              .atPriority(1)
              .withHeader("Authorization", absent())
              .willReturn(
                  status(401)
                      .withHeader(
                          "WWW-Authenticate",
                          "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"s\""
                              .formatted(server.port()))));
      server.stubFor(get(urlPathEqualTo("/token")).willReturn(okJson("{\"token\": \"letmein\"}")));
      server.stubFor(
          post(urlPathMatching("/v2/disk/blobs/uploads/"))
              .willReturn(status(202).withHeader("Location", "/upload")));
      server.stubFor(put(urlPathEqualTo("/upload")).willReturn(status(201)));
      server.stubFor(put(urlPathEqualTo("/v2/disk/manifests/1")).willReturn(status(201)));
      Path disk = Files.write(directory.resolve("disk.raw"), new byte[1 << 20]);
      String target = "oci://127.0.0.1:" + server.port() + "/disk:1";

      Installation.Ended pushed = vmctl.succeed("image", "push", disk.toString(), target);

      assertThat(pushed.err().lines())
          .allSatisfy(
              line -> assertThat(line).matches("(\\Q" + disk + "\\E|\\Q" + target + "\\E): .*"));
    } finally {
      server.stop();
    }
  }
}
