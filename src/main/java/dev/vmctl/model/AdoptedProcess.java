package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Of a hypervisor's process that others have started and vmctl has adopted: how it is known, and
 * where it is spoken to until its end. What vmctl starts itself has its sockets elsewhere.
 *
 * @param uuid what it says its uuid is; all zeros when nobody gave it one
 * @param control its only QMP socket
 * @param serial the socket of its serial console; null when it has none that can be had
 * @param agent the socket of its guest agent's channel; null when it has none
 */
public record AdoptedProcess(
    String uuid, Path control, @Nullable Path serial, @Nullable Path agent) {
  public AdoptedProcess {
    Objects.requireNonNull(uuid);
    Objects.requireNonNull(control);
  }
}
