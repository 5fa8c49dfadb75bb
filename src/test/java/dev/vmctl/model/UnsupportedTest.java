package dev.vmctl.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Capabilities.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  private static final Set<Field<?>> OF_QEMU_ALONE =
      Set.of(
          VmFields.VCPUS_MAX,
          VmFields.MEMORY_MAX,
          VmFields.ACCEL,
          VmFields.MACHINE,
          VmFields.CPU,
          VmFields.SECURE_BOOT,
          VmFields.TPM,
          VmFields.KERNEL,
          VmFields.INITRD,
          VmFields.CMDLINE,
          VmFields.DISKS,
          VmFields.NICS,
          VmFields.FORWARD,
          VmFields.SHARE);

  /** Refused by some backends for some of their values; see the other tests. */
  private static final Set<Field<?>> BY_VALUE =
      Set.of(
          VmFields.VCPUS,
          VmFields.NETWORK,
          VmFields.UEFI,
          PolicyFields.READY,
          PolicyFields.LIVENESS);

  /** What is done by the engine, by the image or by the guest, whoever runs it. */
  private static final Set<Field<?>> OF_ALL =
      Set.of(
          VmFields.BACKEND,
          VmFields.IMAGE,
          VmFields.IMAGE_URL,
          VmFields.IMAGE_BUILD,
          VmFields.IMAGE_SHA256,
          VmFields.MEMORY,
          VmFields.DISK,
          VmFields.CLOUD_INIT_HOSTNAME,
          VmFields.CLOUD_INIT_SSH_KEY,
          VmFields.CLOUD_INIT_USER_DATA,
          VmFields.SSH_USER,
          VmFields.SSH_PRIVATE_KEY,
          VmFields.PROVISION,
          VmFields.ENV,
          VmFields.LABELS,
          VmFields.HOSTS,
          PolicyFields.RESTART,
          PolicyFields.APPLY,
          PolicyFields.PREVENT_DESTROY,
          PolicyFields.ON_REMOVE,
          PolicyFields.ON_FAILED_REPLACE,
          PolicyFields.DEPENDS_ON);

  @Test
  void ofEveryFieldItIsDecidedWhichBackendKnowsIt() {
    for (Field<?> field : VmFields.ALL) {
      long places =
          Stream.of(OF_QEMU_ALONE, BY_VALUE, OF_ALL).filter(s -> s.contains(field)).count();
      assertThat(places).as(field.path()).isOne();
      for (BackendTag backend : BackendTag.values()) {
        boolean refused =
            OF_QEMU_ALONE.contains(field)
                && (backend == BackendTag.PROPOLIS || backend == BackendTag.BHYVE);
        assertThat(Unsupported.field(field, backend).isPresent())
            .as("%s on %s", field.path(), backend)
            .isEqualTo(refused);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"QEMU, ''", "NOOP, ''", "PROPOLIS, agent", "BHYVE, agent"})
  void aProbeThatNothingLeadsToIsRefused(BackendTag backend, String expected) {
    List<ProbeCheck> checks =
        List.of(
            new ProbeCheck.Ssh(),
            new ProbeCheck.Tcp(80),
            new ProbeCheck.Http("/", 80),
            new ProbeCheck.Exec("true"),
            new ProbeCheck.Agent(),
            new ProbeCheck.Log("login:"));
    for (Field<ProbeSpec> field : List.of(PolicyFields.READY, PolicyFields.LIVENESS)) {
      List<String> refused = new ArrayList<>();
      for (ProbeCheck check : checks) {
        FieldValues values = new FieldValues();
        values.put(field, new ProbeSpec(List.of(check), null, null, null));
        messages(backend, values)
            .forEach(
                message -> {
                  refused.add(check.text());
                  assertThat(message)
                      .isEqualTo(
                          field.path()
                              + " { "
                              + check.text()
                              + " } is not supported by "
                              + backend.text());
                });
      }
      assertThat(String.join(", ", refused)).isEqualTo(expected);
    }
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
    for (Field<?> field : VmFields.ALL) {
      if (field.backends().size() < BackendTag.values().length) {
        row(
            table,
            "`" + field.path() + "`",
            backend -> field.backends().contains(backend) ? "yes" : "–");
      }
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
