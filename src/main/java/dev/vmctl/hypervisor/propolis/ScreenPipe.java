package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.Log;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One viewer at one screen: carries its bytes to a server's WebSocket and back, until either ends.
 */
final class ScreenPipe implements WebSocket.Listener {
  private static final System.Logger log = Log.of(ScreenPipe.class);
  private static final int BUFFER = 16 << 10;

  private final Socket viewer;

  ScreenPipe(Socket viewer) {
    this.viewer = viewer;
  }

  /** Returns when the viewer has gone. */
  void run(PropolisClient client) {
    try (viewer) {
      WebSocket screen = client.screen(this);
      try {
        copy(viewer.getInputStream(), screen);
      } finally {
        screen.abort();
      }
    } catch (IOException | ExecutionException | VmException e) {
      log.log(System.Logger.Level.DEBUG, "a viewer of a screen is gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(InputStream from, WebSocket to)
      throws IOException, InterruptedException, ExecutionException {
    byte[] buffer = new byte[BUFFER];
    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
      // It keeps the buffer until it is sent, so the sending is waited for.
      to.sendBinary(ByteBuffer.wrap(buffer, 0, count), true).get();
    }
  }

  /** Done in a thread of its own: a viewer that reads slowly must not hold up the client. */
  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer bytes, boolean last) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                byte[] piece = new byte[bytes.remaining()];
                bytes.get(piece);
                viewer.getOutputStream().write(piece);
                from.request(1);
              } catch (IOException gone) {
                from.abort();
              }
              written.complete(null);
            });
    return written;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    end();
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    end();
  }

  private void end() {
    try {
      viewer.close();
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "closing a viewer's connection failed", e);
    }
  }
}
