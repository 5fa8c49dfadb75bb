package dev.vmctl.image;

import java.io.IOException;

/** The server has other content now than when its first part was received: begin anew. */
final class ContentChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  ContentChangedException() {
    super("the content changed on the server while it was being received");
  }
}
