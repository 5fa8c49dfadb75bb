package dev.vmctl.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body did not arrive whole; told from the failures of what decodes it. */
final class BrokenOffException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokenOffException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
