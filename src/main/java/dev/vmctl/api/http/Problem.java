package dev.vmctl.api.http;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VmException} on its way through HTTP, as RFC 9457 writes problems.
 *
 * @param type always {@code about:blank}
 * @param title the words for the status
 * @param status the HTTP status
 * @param detail the exception's message
 * @param code the exception's code as printed; null in a problem that is not ours
 * @param help the exception's help
 */
public record Problem(
    @Nullable String type,
    @Nullable String title,
    int status,
    @Nullable String detail,
    @Nullable String code,
    @Nullable String help) {

  public static Problem of(VmException failure) {
    int status = status(failure.code());
    return new Problem(
        "about:blank",
        title(status),
        status,
        failure.getMessage(),
        failure.code().text(),
        failure.help());
  }

  /** The same, where HTTP has a status of its own for it. */
  public static Problem of(VmException failure, int status) {
    Problem known = of(failure);
    return new Problem(known.type, title(status), status, known.detail, known.code, known.help);
  }

  /**
   * The exception this was made of; one of code INTERNAL when a newer daemon has a code we lack.
   */
  public VmException toException() {
    String message =
        Objects.requireNonNullElse(
            detail, Objects.requireNonNullElse(title, "the daemon answered " + status));
    String advice = Objects.requireNonNullElse(help, "");
    Optional<ErrorCode> known =
        Arrays.stream(ErrorCode.values()).filter(each -> each.text().equals(code)).findFirst();
    if (known.isPresent()) {
      return new VmException(known.get(), message, advice);
    }
    return new VmException(
        ErrorCode.INTERNAL, code == null ? message : message + " (" + code + ")", advice);
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case USAGE, VM_NAME_INVALID, VMFILE_PARSE_FAILED, VMFILE_VALIDATION -> 400;
      case VM_NOT_FOUND,
          SOURCE_NOT_FOUND,
          VMFILE_NOT_FOUND,
          IMAGE_NOT_FOUND,
          GENERATION_UNKNOWN,
          SNAPSHOT_UNKNOWN ->
          404;
      case VM_NAME_TAKEN,
          VM_INVALID_STATE,
          VM_STILL_DECLARED,
          DESTROY_PREVENTED,
          SNAPSHOT_TAKEN,
          SNAPSHOT_MISFIT,
          MEMORY_UNUSABLE,
          GENERATION_INCOMPLETE,
          PRUNE_REFUSED,
          SOURCE_TAKEN,
          SOURCE_CONFIGURED,
          IMAGE_IN_USE,
          STORE_LOCKED,
          VERSION_SKEW,
          VERSION_STALE,
          DISK_SHRINK,
          DATASET_BUSY,
          DATASET_FOREIGN,
          ZONE_FOREIGN,
          ZONE_STATE,
          VNIC_TAKEN,
          BHYVE_FOREIGN ->
          409;
      case WATCH_EXPIRED -> 410;
      case BACKEND_NOT_AVAILABLE,
          CAPABILITY_MISSING,
          HOST_MEMORY,
          HOST_DISK_LOW,
          IMAGE_UNSUPPORTED,
          PROPOLIS_SPEC_REJECTED,
          PROPOLIS_SEED_TOO_LARGE,
          AGENT_REFUSED ->
          422;
      case ACCESS_DENIED -> 403;
      case DAEMON_UNTRUSTED -> 502;
      case DAEMON_UNREACHABLE, SOURCE_UNAVAILABLE, LIMIT_REACHED -> 503;
      case TIMEOUT, QMP_TIMEOUT, SSH_TIMEOUT, PROPOLIS_TIMEOUT -> 504;
      case DISK_FULL -> 507;
      case QEMU_NOT_FOUND,
          QEMU_SPAWN_FAILED,
          QEMU_FEATURE_MISSING,
          QMP_CONNECT_FAILED,
          QMP_COMMAND_FAILED,
          KVM_UNUSABLE,
          PORT_TAKEN,
          NETWORK_FAILED,
          SHARE_FAILED,
          IP_DISCOVERY_TIMEOUT,
          IMAGE_INVALID,
          IMAGE_FORMAT_DETECTION_FAILED,
          IMAGE_CONVERSION_FAILED,
          IMAGE_DOWNLOAD_FAILED,
          IMAGE_CHECKSUM_MISMATCH,
          IMAGE_CHECKSUM_UNAVAILABLE,
          IMAGE_ACCESS_DENIED,
          IMAGE_REDIRECT_LOOP,
          IMAGE_DECOMPRESSION_FAILED,
          IMAGE_BUILD_FAILED,
          OCI_PULL_FAILED,
          OCI_PUSH_FAILED,
          DISK_OVERLAY_FAILED,
          DISK_MISSING,
          DATASET_MISSING,
          HOST_COMMAND_FAILED,
          BHYVE_START_FAILED,
          PROPOLIS_UNREACHABLE,
          PROPOLIS_FAILED,
          PROPOLIS_STATE_REFUSED,
          PROPOLIS_API_VERSION,
          PROPOLIS_UNKNOWN_ANSWER,
          CLOUD_INIT_SEED_FAILED,
          SSH_FAILED,
          SSH_AUTH_FAILED,
          SSH_HOST_KEY_CHANGED,
          SSH_KEY_INVALID,
          DEPENDENCY_FAILED,
          AGENT_FAILED,
          GUEST_KERNEL_PANIC,
          GUEST_DISK_FULL,
          GUEST_NO_LEASE,
          GUEST_CLOUD_INIT_FAILED,
          GUEST_SSH_REFUSED,
          GUEST_NOT_READY,
          PROVISION_FAILED,
          STORE_FORMAT,
          STORE_CORRUPT,
          CONFIG_INVALID,
          IO,
          INTERNAL ->
          500;
    };
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 413 -> "Content Too Large";
      case 422 -> "Unprocessable Content";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 507 -> "Insufficient Storage";
      default -> "Internal Server Error";
    };
  }
}
