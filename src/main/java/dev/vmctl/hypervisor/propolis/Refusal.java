package dev.vmctl.hypervisor.propolis;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;

/** A request that propolis-server answered with an error. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int CONFLICT = 409;
  private static final int GONE = 410;
  private static final int NO_INSTANCE = 424;

  private final String request;
  private final int status;
  private final String errorCode;
  private final String words;
  private final String requestId;

  /**
   * @param request method and path
   * @param errorCode empty when it gave none
   * @param words its message; for 403, 404 and 5xx that is always the same
   * @param requestId for its log; empty when it gave none
   */
  Refusal(String request, int status, String errorCode, String words, String requestId) {
    super(request + ": " + status + " " + words);
    this.request = request;
    this.status = status;
    this.errorCode = errorCode;
    this.words = words;
    this.requestId = requestId;
  }

  /** There is no instance: none was made yet, or it was taken down. */
  boolean isNoInstance() {
    return status == NO_INSTANCE;
  }

  /** There is no instance any more. */
  boolean isGone() {
    return status == GONE;
  }

  /** There is an instance already. */
  boolean isConflict() {
    return status == CONFLICT;
  }

  /** The server does not do this in the state the instance is in. */
  boolean isForbidden() {
    return status == FORBIDDEN;
  }

  /** What the user is told. */
  VmException failure(ApiVersion version) {
    boolean aboutVersion = words.contains("API version") || words.contains("api-version");
    if (status == BAD_REQUEST && aboutVersion) {
      return new VmException(
          ErrorCode.PROPOLIS_API_VERSION,
          "propolis-server does not speak version " + version + " of its API: " + words,
          "set VMCTL_PROPOLIS_API_VERSION to one that it speaks (1.0.0 to "
              + ApiVersion.KNOWN
              + " are known), or install another propolis-server",
          this);
    }
    return switch (status) {
      case BAD_REQUEST ->
          new VmException(
              ErrorCode.PROPOLIS_SPEC_REJECTED,
              "propolis-server rejects " + request + ": " + words,
              "change what it names in the VMFile; if it is nothing you declared, this"
                  + " propolis-server and vmctl do not fit together",
              this);
      case FORBIDDEN, CONFLICT, GONE, NO_INSTANCE ->
          new VmException(
              ErrorCode.PROPOLIS_STATE_REFUSED,
              "propolis-server refuses "
                  + request
                  + " now: "
                  + (errorCode.isEmpty() ? words : errorCode),
              "it is tried again by itself from what the server then says",
              this);
      default ->
          new VmException(
              ErrorCode.PROPOLIS_FAILED,
              "propolis-server failed at " + request + " with status " + status + ": " + words,
              requestId.isEmpty()
                  ? "its log in the VM's zone says why"
                  : "its log in the VM's zone says why, under request id " + requestId,
              this);
    };
  }
}
