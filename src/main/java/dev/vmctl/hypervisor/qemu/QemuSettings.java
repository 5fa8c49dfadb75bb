package dev.vmctl.hypervisor.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * @param program QEMU: a name on the PATH, or an absolute path
 * @param directory where what was found out about this host is kept; made if it is not there
 * @param user whom QEMU becomes when root starts it; null for {@link QemuUser#USUAL} where there is
 *     one
 * @param answer how long QEMU may take to answer a command
 * @param start how long QEMU may take from its start to its first answer
 * @param end how long QEMU may take to end after it was told to, before it is told harder
 */
public record QemuSettings(
    String program,
    Path directory,
    @Nullable String user,
    Duration answer,
    Duration start,
    Duration end) {
  /** What an x86-64 host uses. */
  public static QemuSettings standard(Path directory, Map<String, String> environment) {
    return new QemuSettings(
        "qemu-system-x86_64",
        directory,
        environment.get(QemuUser.VARIABLE),
        Duration.ofSeconds(3),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5));
  }
}
