package dev.vmctl.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Capabilities.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnsupportedTest {
  private static final Path PAGE =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("docs/backends.md");

  private static VmSpec spec(FieldValues values) {
    return VmSpec.of(new VmName("web"), values);
  }

  private static List<String> messages(BackendTag backend, FieldValues values) {
    return Unsupported.of(spec(values), backend, Capabilities.of(backend)).stream()
        .map(Unsupported::message)
        .toList();
  }

  @ParameterizedTest
  @EnumSource(BackendTag.class)
  void whatIsNotDeclaredIsSupportedEverywhere(BackendTag backend) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/a.qcow2"));
    assertThat(messages(backend, values)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "QEMU, true true false true",
    "PROPOLIS, false false true true",
    "BHYVE, false true false true",
    "NOOP, true true true true"
  })
  void eachBackendHasItsNetworks(BackendTag backend, String expected) {
    List<NetworkSpec> networks =
        List.of(
            new NetworkSpec.User(),
            new NetworkSpec.Tap("br0"),
            new NetworkSpec.Vnic("vnic0"),
            new NetworkSpec.None());
    String supported =
        networks.stream()
            .map(
                network -> {
                  FieldValues values = new FieldValues();
                  values.put(VmFields.NETWORK, network);
                  return String.valueOf(messages(backend, values).isEmpty());
                })
            .collect(Collectors.joining(" "));
    assertThat(supported).isEqualTo(expected);
  }

  @Test
  void everythingThatIsMissingIsSaidAtOnce() {
    FieldValues values = new FieldValues();
    values.put(VmFields.NETWORK, new NetworkSpec.Tap("br0"));
    values.put(VmFields.KERNEL, Path.of("/vmlinuz"));
    values.put(VmFields.VCPUS, 33);
    values.put(VmFields.UEFI, false);
    assertThat(messages(BackendTag.PROPOLIS, values))
        .containsExactly(
            "vcpus 33 is not supported by propolis",
            "network \"tap\" is not supported by propolis",
            "boot by BIOS is not supported by propolis",
            "'kernel' is not supported by propolis");
    VmException refusal =
        Unsupported.refusal(
            new VmName("web"),
            Unsupported.of(
                spec(values), BackendTag.PROPOLIS, Capabilities.of(BackendTag.PROPOLIS)));
    assertThat(refusal.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
    assertThat(refusal.help())
        .contains("declare at most 32", "use network \"vnic\" or network \"none\"");
  }

  @Test
  void whatAnAdapterCannotDoOnThisHostCountsToo() {
    FieldValues values = new FieldValues();
    values.put(VmFields.UEFI, true);
    Capabilities without =
        new Capabilities(Set.of(Capability.BIOS), Capabilities.Console.UNIX_SOCKET, 255);
    assertThat(Unsupported.of(spec(values), BackendTag.QEMU, without)).hasSize(1);
  }

  /** {@code -Dvmctl.golden=update} writes it anew. */
  @Test
  void thePageShowsWhatEachBackendCanDo() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("| |");
    int end = page.indexOf("\n\n", start) + 1;
    if ("update".equals(System.getProperty("vmctl.golden"))) {
      Files.writeString(PAGE, page.substring(0, start) + table() + page.substring(end));
      page = Files.readString(PAGE);
      end = page.indexOf("\n\n", start) + 1;
    }
    assertThat(page.substring(start, end)).isEqualTo(table());
  }

  private static String table() {
    StringBuilder table = new StringBuilder();
    row(table, "", BackendTag::text);
    row(table, "---", backend -> "---");
    for (Capability capability : Capability.values()) {
      row(
          table,
          capability.text(),
          backend -> Capabilities.of(backend).has(capability) ? "yes" : "–");
    }
    row(table, "serial console", backend -> Capabilities.of(backend).console().text());
    row(table, "most vcpus", backend -> String.valueOf(Capabilities.of(backend).maxVcpus()));
    return table.toString();
  }

  private static void row(StringBuilder table, String head, Function<BackendTag, String> cell) {
    String cells = Arrays.stream(BackendTag.values()).map(cell).collect(Collectors.joining(" | "));
    table.append(("| " + head + " | " + cells + " |\n").replace("|  |", "| |"));
  }
}
