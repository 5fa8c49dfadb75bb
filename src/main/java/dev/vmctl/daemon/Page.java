package dev.vmctl.daemon;

import dev.vmctl.Version;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page's files, as they lie in the program. Nothing but what comes with them may run there. */
final class Page {
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'";

  private static final String PLACE = "page/";
  private static final Pattern FILE =
      Pattern.compile("/((?:[A-Za-z0-9_-]+/){0,6}[A-Za-z0-9_-]+)\\.(html|css|js|mjs|svg|txt)");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "txt", "text/plain; charset=utf-8");

  private final Map<String, Buffer> files = new ConcurrentHashMap<>();

  boolean has(String path) {
    String file = file(path);
    return FILE.matcher(file).matches()
        && Page.class.getResource(PLACE + file.substring(1)) != null;
  }

  /** Only of files that there are. */
  void send(HttpServerRequest request) {
    String file = file(request.path());
    Matcher matcher = FILE.matcher(file);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(file);
    }
    HttpServerResponse response = request.response();
    String tag = "\"" + Version.CURRENT + "-" + STARTED + "\"";
    response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader("Cache-Control", "no-cache")
        .putHeader("ETag", tag);
    if (tag.equals(request.getHeader("If-None-Match"))) {
      response.setStatusCode(304).end();
      return;
    }
    Buffer content = files.computeIfAbsent(file, Page::read);
    response.putHeader("Content-Type", TYPES.get(matcher.group(2)));
    if (request.method().name().equals("HEAD")) {
      response.putHeader("Content-Length", Integer.toString(content.length())).end();
    } else {
      response.end(content);
    }
  }

  private static final long STARTED = System.currentTimeMillis();

  private static String file(String path) {
    return path.equals("/") ? "/index.html" : path;
  }

  private static Buffer read(String file) {
    try (InputStream in = Page.class.getResourceAsStream(PLACE + file.substring(1))) {
      if (in == null) {
        throw new IllegalArgumentException(file);
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
