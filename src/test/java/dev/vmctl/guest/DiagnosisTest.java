package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
  private static final GuestAccess WEB =
      new GuestAccess(new VmName("web"), Path.of("/data/vms/web"), null, null, Map.of(), null);

  private static VmException of(String line, @Nullable GuestFacts facts, String last) {
    List<String> console = List.of("[    0.000000] Linux version 6.1", line, "login:");
    return new Diagnosis(console, facts, last).of(WEB, Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          guest.kernel_panic      | [    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs
          guest.disk_full         | cp: error writing '/var/lib/x': No space left on device
          guest.no_lease          | udhcpc: no lease, failing
          guest.no_lease          | [FAILED] Failed to start systemd-networkd-wait-online.service - Wait for Network to be Configured.
          guest.cloud_init_failed | cloud-init[312]: 2026-01-01 - util.py[CRITICAL]: failed to run module runcmd
          guest.cloud_init_failed | [FAILED] Failed to start cloud-init.service - Initial cloud-init job.
          guest.ssh_refused       | [FAILED] Failed to start ssh.service - OpenBSD Secure Shell server.
          guest.not_ready         | all is well
          """)
  void theConsoleTellsWhy(String code, String line) {
    VmException why = of(line, null, "it accepts connections and stays silent");
    assertThat(why.code().text()).isEqualTo(code);
    assertThat(why.help()).contains("vmctl log web --console");
    if (!code.equals("guest.not_ready")) {
      assertThat(why).hasMessageContaining(line);
    }
  }

  @Test
  void whatWasSeenFromOutsideIsSaidToo() {
    assertThat(of("ok", null, "ssh: " + BannerWait.words(new BannerProbe.Seen.ClosedAtOnce())))
        .hasMessageContaining("within 300 s")
        .extracting(why -> why.code().text())
        .isEqualTo("guest.ssh_refused");
    assertThat(of("ok", null, "http :80/health: it answers HTTP/1.1 503"))
        .hasMessageContaining("503")
        .extracting(why -> why.code().text())
        .isEqualTo("guest.not_ready");
  }

  @Test
  void theAgentKnowsOfAddressesBetterThanTheConsole() {
    GuestFacts none = new GuestFacts("web", "", List.of("eth0 169.254.3.4", "eth0 fe80::5054"));
    assertThat(of("ok", none, "silent").code().text()).isEqualTo("guest.no_lease");
    GuestFacts one = new GuestFacts("web", "", List.of("eth0 10.0.2.15"));
    assertThat(of("udhcpc: no lease, failing", one, "silent").code().text())
        .as("it got one later")
        .isEqualTo("guest.not_ready");
  }
}
