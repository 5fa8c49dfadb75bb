package dev.vmctl.guest;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.AtomicFiles.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A VM's {@code known_hosts}, in OpenSSH's format so that the system's client reads and extends it
 * too. Its first line, a comment, says which instance the keys belong to: a guest takes its host
 * key at the first boot of a disk, so what is pinned stays for the life of the disk and no longer.
 */
final class KnownHosts {
  private static final String INSTANCE = "# vmctl: host keys of instance ";

  private final Path file;
  private final String alias;

  KnownHosts(Path file, String alias) {
    this.file = file;
    this.alias = alias;
  }

  Path file() {
    return file;
  }

  /**
   * Makes the file say what is known before the instance's first boot.
   *
   * @param publicKey the key handed in with the seed; null when the guest makes its own
   */
  void prepare(UUID instance, @Nullable String publicKey) {
    String head = INSTANCE + instance;
    List<String> lines = lines();
    boolean sameDisk = !lines.isEmpty() && lines.getFirst().equals(head);
    boolean pinned = lines.stream().anyMatch(line -> !line.isBlank() && !line.startsWith("#"));
    if (sameDisk && (pinned || publicKey == null)) {
      return;
    }
    String pin = publicKey == null ? "" : alias + " " + publicKey + "\n";
    AtomicFiles.write(file, head + "\n" + pin, Access.OWNER);
  }

  /** Adds a key, of the form "type base64". */
  void pin(String publicKey) {
    StringBuilder text = new StringBuilder();
    lines().forEach(line -> text.append(line).append('\n'));
    text.append(alias).append(' ').append(publicKey).append('\n');
    AtomicFiles.write(file, text.toString(), Access.OWNER);
  }

  /**
   * @throws dev.vmctl.model.VmException io
   */
  List<String> lines() {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw KeyFiles.unreadable("known hosts", file, e);
    }
  }
}
