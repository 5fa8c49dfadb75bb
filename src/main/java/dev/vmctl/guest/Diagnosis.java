package dev.vmctl.guest;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a guest is not ready, from what its console has said, what its agent says, and what was seen
 * last from outside. Pure.
 *
 * @param console the lines of this run
 * @param facts what the agent says; null when none answers
 * @param last what was wrong at the last look, in words
 */
record Diagnosis(List<String> console, @Nullable GuestFacts facts, String last) {
  private static final Pattern PANIC =
      Pattern.compile("Kernel panic - not syncing|end Kernel panic");
  private static final Pattern DISK_FULL = Pattern.compile("No space left on device|ENOSPC");
  private static final Pattern NO_LEASE =
      Pattern.compile(
          "(?i)no lease, (failing|forking)|No DHCPOFFERS received|DHCP(v4)?\\b.*(timed out|timeout)"
              + "|Timeout occurred while waiting for network connectivity"
              + "|Failed to start.*wait.*network");
  private static final Pattern CLOUD_INIT =
      Pattern.compile(
          "(?i)cloud-init.*(traceback|\\bfailed\\b|\\berror\\b|\\bcritical\\b)"
              + "|failed (to start|loading).*(cloud-init|cloud-config|cloud config|user-data)"
              + "|Failed at merging in cloud config");
  private static final Pattern NO_SSH_SERVER =
      Pattern.compile(
          "(?i)failed to start.*(ssh|secure shell)|sshd.*(fatal|no hostkeys available)");

  /** The line that says the kernel is dead: then nothing is left to wait for. */
  static Optional<String> panic(List<String> console) {
    return first(console, PANIC);
  }

  /**
   * @param within how long was waited
   */
  VmException of(GuestAccess guest, Duration within) {
    String help =
        "see what the guest has said: vmctl log "
            + guest.name()
            + " --console; it is asked again at"
            + " each resync";
    Optional<String> panic = panic(console);
    if (panic.isPresent()) {
      return told(ErrorCode.GUEST_KERNEL_PANIC, "its kernel has panicked: " + panic.get(), help);
    }
    String wait = "it was not ready within " + BannerWait.seconds(within) + ": ";
    String seen = " (" + last + ")";
    Optional<String> full = first(console, DISK_FULL);
    if (full.isPresent()) {
      return told(
          ErrorCode.GUEST_DISK_FULL,
          wait + "its disk is full: " + full.get() + seen,
          "declare a larger disk; " + help);
    }
    if (hasNoAddress()) {
      return told(
          ErrorCode.GUEST_NO_LEASE,
          wait
              + "its network has no address"
              + first(console, NO_LEASE).map(l -> ": " + l).orElse("")
              + seen,
          "see whether it asks for an address (DHCP) on its card, and who answers; " + help);
    }
    Optional<String> cloudInit = first(console, CLOUD_INIT);
    if (cloudInit.isPresent()) {
      return told(
          ErrorCode.GUEST_CLOUD_INIT_FAILED,
          wait + "cloud-init failed: " + cloudInit.get() + seen,
          help);
    }
    Optional<String> noServer = first(console, NO_SSH_SERVER);
    if (noServer.isPresent()
        || last.contains(BannerWait.REFUSED)
        || last.contains(BannerWait.NO_SERVER)) {
      return told(
          ErrorCode.GUEST_SSH_REFUSED,
          wait + "no SSH server listens in it" + noServer.map(l -> ": " + l).orElse("") + seen,
          "the image needs an SSH server that starts at boot; " + help);
    }
    return told(ErrorCode.GUEST_NOT_READY, wait + last, help);
  }

  private boolean hasNoAddress() {
    if (facts != null) {
      // Addresses that a card gives itself lead nowhere.
      return facts.addresses().stream()
          .allMatch(address -> address.contains(" 169.254.") || address.contains(" fe80:"));
    }
    return first(console, NO_LEASE).isPresent();
  }

  private static VmException told(ErrorCode code, String message, String help) {
    return new VmException(code, message, help);
  }

  private static Optional<String> first(List<String> console, Pattern pattern) {
    return console.stream()
        .filter(line -> pattern.matcher(line).find())
        .findFirst()
        .map(line -> line.strip());
  }
}
