package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words what went wrong with a download, and what to do. */
final class DownloadFailures {
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
                  ? "log in with 'docker login' as the user vmctl runs as, and check what this user may do there"
                  : "put user and password into the URL, or use a public or presigned one");
      default -> failed(url, "the server answered HTTP " + status, null);
    };
  }

  static VmException ofRedirects(ImageUrl url) {
    return new VmException(
        ErrorCode.IMAGE_REDIRECT_LOOP,
        begin(url) + "it redirects more than 5 times, from https to http, or to nowhere",
        url.isOci()
            ? "tell those who run the registry"
            : "use the URL it ends at; see: curl -IL " + url.shown());
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
              ? failed(url, host + " does not answer", timeout)
              : failed(url, "no connection to " + host + " in time", network(host), timeout);
      case HttpConnectTimeoutException timeout ->
          failed(url, "no connection to " + host + " in time", network(host), timeout);
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
      case IOException other -> failed(url, "the connection broke off: " + reason(other), other);
    };
  }

  /** The body did not arrive. */
  static VmException ofBody(ImageUrl url, IOException e) {
    return failed(
        url,
        "the download " + reason(e),
        "the next attempt goes on from there if the server can"
            + (url.isOci() ? "" : "; look at it with: curl -IL " + url.shown()),
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

  static VmException failed(ImageUrl url, String why, @Nullable Throwable cause) {
    return failed(
        url,
        why,
        url.isOci()
            ? "try again; check that a registry is there, and works"
            : "try again; look at it with: curl -IL " + url.shown(),
        cause);
  }

  static VmException failed(ImageUrl url, String why, String help, @Nullable Throwable cause) {
    return new VmException(
        url.isOci() ? ErrorCode.OCI_PULL_FAILED : ErrorCode.IMAGE_DOWNLOAD_FAILED,
        begin(url) + why,
        help,
        cause);
  }

  /** The same of a push. */
  static VmException ofPush(ImageUrl url, VmException failed) {
    return new VmException(
        ErrorCode.OCI_PUSH_FAILED,
        "cannot push to " + url.shown() + ": " + failed.getMessage().substring(begin(url).length()),
        failed.help(),
        failed);
  }

  private static String begin(ImageUrl url) {
    return "cannot download " + url.shown() + ": ";
  }

  private static String network(@Nullable String host) {
    return "check the URL, the network, and that " + host + " is up";
  }

  static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
