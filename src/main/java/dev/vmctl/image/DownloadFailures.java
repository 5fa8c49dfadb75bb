package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words what went wrong with a download, and what to do. */
final class DownloadFailures {
  private static final String TRIED_AGAIN = "try again; look at it with: curl -IL ";

  private DownloadFailures() {}

  static VmException ofStatus(ImageUrl url, int status) {
    return switch (status) {
      case 404, 410 ->
          new VmException(
              ErrorCode.IMAGE_NOT_FOUND,
              "there is no image at " + url.shown() + " (HTTP " + status + ")",
              "check the URL; servers often drop older releases of an image");
      case 401, 403, 407 ->
          new VmException(
              ErrorCode.IMAGE_ACCESS_DENIED,
              "the server refuses access to " + url.shown() + " (HTTP " + status + ")",
              url.isOci()
                  ? "log in with 'docker login' as the user vmctl runs as, and check that this user may read it"
                  : "put user and password into the URL, or use a public or presigned one");
      default -> failed(url, "the server answered HTTP " + status, TRIED_AGAIN + url.shown(), null);
    };
  }

  static VmException ofRedirects(ImageUrl url) {
    return new VmException(
        ErrorCode.IMAGE_REDIRECT_LOOP,
        "cannot download "
            + url.shown()
            + ": it redirects more than 5 times, from https to http, or to nowhere",
        "use the URL it ends at; see: curl -IL " + url.shown());
  }

  /**
   * The server could not be asked.
   *
   * @param host of the last of its redirects
   * @param connected whether there was a connection
   */
  static VmException ofConnection(
      ImageUrl url, @Nullable String host, boolean connected, IOException e) {
    return switch (e) {
      case SocketTimeoutException timeout ->
          connected
              ? failed(url, host + " does not answer", TRIED_AGAIN + url.shown(), timeout)
              : failed(url, "no connection to " + host + " in time", network(host), timeout);
      case UnknownHostException unknown ->
          failed(url, "the host name " + host + " is not known", network(host), unknown);
      case ConnectException refused ->
          failed(url, "no connection to " + host, network(host), refused);
      case NoRouteToHostException nowhere ->
          failed(url, "no connection to " + host, network(host), nowhere);
      case SSLException insecure ->
          failed(
              url,
              "no secure connection to " + host + ": " + insecure.getMessage(),
              "check the host's clock and its trusted certificates",
              insecure);
      case IOException other ->
          failed(
              url, "the connection broke off: " + reason(other), TRIED_AGAIN + url.shown(), other);
    };
  }

  /** The body did not arrive. */
  static VmException ofBody(ImageUrl url, IOException e) {
    return failed(
        url,
        "the download " + reason(e),
        "the next attempt goes on from there if the server can; look at it with: curl -IL "
            + url.shown(),
        e);
  }

  /** What a body is given up with. */
  static BrokenOffException brokenOff(long bytes, DownloadLimits limits, IOException cause) {
    return cause instanceof SocketTimeoutException
        ? new BrokenOffException(
            "stalled after "
                + bytes
                + " bytes: nothing came for "
                + limits.stalled().toSeconds()
                + " s",
            cause)
        : new BrokenOffException("broke off after " + bytes + " bytes: " + reason(cause), cause);
  }

  /** Whether it was the way here that failed, so that another attempt may go on from there. */
  static boolean isTransfer(VmException e) {
    return e.code() == ErrorCode.IMAGE_DOWNLOAD_FAILED || e.code() == ErrorCode.OCI_PULL_FAILED;
  }

  static VmException failed(ImageUrl url, String why, String help, @Nullable Throwable cause) {
    return new VmException(
        url.isOci() ? ErrorCode.OCI_PULL_FAILED : ErrorCode.IMAGE_DOWNLOAD_FAILED,
        "cannot download " + url.shown() + ": " + why,
        help,
        cause);
  }

  private static String network(@Nullable String host) {
    return "check the URL, the network, and that " + host + " is up";
  }

  static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
