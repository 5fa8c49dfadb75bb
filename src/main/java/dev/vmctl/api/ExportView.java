package dev.vmctl.api;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A VM that was exported.
 *
 * @param sizeBytes of the file
 * @param consistent {@code stopped}; {@code crash} for a guest that ran: its file systems are as
 *     after a power failure
 */
public record ExportView(Path file, long sizeBytes, String consistent) {
  public ExportView {
    Objects.requireNonNull(file);
    Objects.requireNonNull(consistent);
  }
}
