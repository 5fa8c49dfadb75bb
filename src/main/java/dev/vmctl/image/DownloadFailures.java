package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words what went wrong with a download, and what to do. */
final class DownloadFailures {
  private static final String TRIED_AGAIN = "it is tried again; look at it with: curl -IL ";

  private DownloadFailures() {}

  static VmException ofStatus(ImageUrl url, int status) {
    return switch (status) {
      case 404, 410 ->
          new VmException(
              ErrorCode.IMAGE_NOT_FOUND,
              "there is no image at " + url.shown() + " (HTTP " + status + ")",
              "check the URL; servers often drop older releases of an image");
      case 401, 403, 407 ->
          failed(
              url,
              "the server refused access (HTTP " + status + ")",
              "vmctl downloads without credentials: use a public or presigned URL",
              null);
      case 301, 302, 303, 307, 308 ->
          failed(
              url,
              "it redirects more than 5 times, or from https to http",
              "use the URL it ends at; see: curl -IL " + url.shown(),
              null);
      default -> failed(url, "the server answered HTTP " + status, TRIED_AGAIN + url.shown(), null);
    };
  }

  /** The server could not be asked. */
  static VmException ofConnection(ImageUrl url, IOException e) {
    String host = url.address().getHost();
    return switch (e) {
      case HttpConnectTimeoutException timeout ->
          failed(url, "no connection to " + host + " in time", network(host), timeout);
      case HttpTimeoutException timeout ->
          failed(url, host + " does not answer", TRIED_AGAIN + url.shown(), timeout);
      case ConnectException refused ->
          hasCause(refused, UnresolvedAddressException.class)
              ? failed(url, "the host name " + host + " is not known", network(host), refused)
              : failed(url, "no connection to " + host, network(host), refused);
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

  /**
   * The content broke off or cannot be decoded.
   *
   * @param compression how it is compressed; empty when it is not
   */
  static VmException ofContent(ImageUrl url, String compression, IOException e) {
    if (e instanceof BodyStream.BrokenOffException) {
      return failed(url, "the download " + reason(e), TRIED_AGAIN + url.shown(), e);
    }
    return new VmException(
        ErrorCode.IMAGE_INVALID,
        url.shown()
            + " is damaged or cut off on the server: cannot decompress it ("
            + compression
            + "): "
            + reason(e),
        "it arrived as the server has it; tell who runs it, or use another image",
        e);
  }

  private static VmException failed(
      ImageUrl url, String why, String help, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.IMAGE_DOWNLOAD_FAILED,
        "cannot download " + url.shown() + ": " + why,
        help,
        cause);
  }

  private static String network(String host) {
    return "check the URL, the network, and that " + host + " is up";
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }
}
