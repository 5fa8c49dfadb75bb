package dev.vmctl.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.vmctl.api.VmSummary;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SummaryReaderTest {
  /** No two fields of a kind are equal: a mix-up shows. A new field does not compile here. */
  private static final List<VmSummary> VMS =
      List.of(
          new VmSummary(
              "web", "running", true, "qemu", 2, 1L << 40, "tap:br0", 1L << 33, 22, "a\"ü", false),
          new VmSummary("db", "stopped", false, "noop", 1, 128, "none", null, null, "cli", true));

  @Test
  void itReadsWhatTheMapperWrites() throws IOException {
    assertThat(SummaryReader.read(Json.mapper().writeValueAsBytes(VMS))).isEqualTo(VMS);
    assertThat(SummaryReader.read(bytes("[]"))).isEmpty();
  }

  @Test
  void nullsAndWordsOfANewerDaemonAreSkippedAsTheMapperSkipsThem() throws IOException {
    byte[] json =
        bytes(
            """
            [{"future":{"name":["x"]},"name":"web","state":"running","ready":true,"backend":"qemu",
              "vcpus":2,"memoryMb":512,"more":[1,{"pid":9}],"network":"user","pid":null,
              "sshPort":2222,"source":"cli","supervised":true}]""");

    assertThat(SummaryReader.read(json))
        .isEqualTo(Json.mapper().readValue(json, new TypeReference<List<VmSummary>>() {}))
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[",
        "[1]",
        "[{}]",
        "[{\"name\":\"web\"}]",
        "[{\"ready\":\"yes\"}]",
        "[{\"name\":{}}]"
      })
  void whatIsNoListOfVmsIsRefused(String json) {
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> SummaryReader.read(bytes(json)));
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
