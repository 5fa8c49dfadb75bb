package dev.vmctl.guest;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.AtomicFiles.Access;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** The key files of a VM's directory, and the public keys a user declares. */
final class KeyFiles {
  private static final Set<String> PUBLIC_TYPES =
      Set.of(
          "ssh-ed25519",
          "ssh-rsa",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521",
          "sk-ssh-ed25519@openssh.com",
          "sk-ecdsa-sha2-nistp256@openssh.com");
  private static final int MAX_PUBLIC_KEY_FILE = 1 << 20;

  /**
   * The pair in this file and its {@code .pub}; made first if it is not there.
   *
   * @throws VmException ssh.keygen_failed when something else is in the file, disk.full, io
   */
  OpenSshKeyPair existingOrNew(Path file, String comment) {
    Path publicFile = publicFile(file);
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      OpenSshKeyPair pair =
          OpenSshKeyPair.parse(text, comment).orElseThrow(() -> notAPrivateKey(file));
      if (!Files.exists(publicFile)) { // a crash came between the two
        AtomicFiles.write(publicFile, pair.publicLine() + "\n", Access.EVERYBODY);
      }
      return pair;
    } catch (NoSuchFileException e) {
      OpenSshKeyPair pair = OpenSshKeyPair.generate(comment, new SecureRandom());
      AtomicFiles.write(file, pair.privateText(), Access.OWNER);
      AtomicFiles.write(publicFile, pair.publicLine() + "\n", Access.EVERYBODY);
      return pair;
    } catch (IOException e) {
      throw unreadable("key", file, e);
    }
  }

  /**
   * The keys of a public key file, one per line, comments left out.
   *
   * @throws VmException ssh.keygen_failed when there is none or a line is something else, io
   */
  static List<String> declaredPublicKeys(Path file) {
    List<String> keys = new ArrayList<>();
    for (String raw : readSmall(file).split("\n", -1)) {
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("-----BEGIN")) {
        throw new VmException(
            ErrorCode.SSH_KEY_INVALID,
            file + " is a private key; ssh-key takes the public one",
            "name the file ending in .pub, made by: ssh-keygen -y -f " + file);
      }
      if (!hasPublicKey(line)) {
        throw new VmException(
            ErrorCode.SSH_KEY_INVALID,
            file + " is not a public key file: no SSH key in its line '" + shorten(line) + "'",
            "name a file like ~/.ssh/id_ed25519.pub, with lines such as \"ssh-ed25519 AAAA... me@home\"");
      }
      keys.add(line);
    }
    if (keys.isEmpty()) {
      throw new VmException(
          ErrorCode.SSH_KEY_INVALID,
          file + " has no public key in it",
          "make one: ssh-keygen -t ed25519");
    }
    return List.copyOf(keys);
  }

  static VmException unreadable(String what, Path file, IOException e) {
    String reason =
        switch (e) {
          case NoSuchFileException missing -> "it does not exist";
          case java.nio.file.AccessDeniedException denied -> "you may not read it";
          case IOException other -> String.valueOf(other.getMessage());
        };
    return new VmException(
        ErrorCode.IO,
        "cannot read the " + what + " file " + file + ": " + reason,
        "check the path in the VMFile and the file's permissions",
        e);
  }

  private static Path publicFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".pub");
  }

  private static String readSmall(Path file) {
    try {
      if (Files.size(file) > MAX_PUBLIC_KEY_FILE) {
        throw new VmException(
            ErrorCode.SSH_KEY_INVALID,
            file + " is too large to be a public key file",
            "name a file like ~/.ssh/id_ed25519.pub");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (java.nio.charset.MalformedInputException e) {
      throw new VmException(
          ErrorCode.SSH_KEY_INVALID,
          file + " is not a public key file: it is not text",
          "name a file like ~/.ssh/id_ed25519.pub",
          e);
    } catch (IOException e) {
      throw unreadable("public key", file, e);
    }
  }

  /** Options may stand before the type, as in authorized_keys. */
  private static boolean hasPublicKey(String line) {
    String[] words = line.split("\\s+");
    for (int i = 0; i + 1 < words.length; i++) {
      if (PUBLIC_TYPES.contains(words[i]) && isBlobOf(words[i], words[i + 1])) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBlobOf(String type, String base64) {
    try {
      byte[] blob = Base64.getDecoder().decode(base64);
      byte[] name = type.getBytes(StandardCharsets.US_ASCII);
      int end = Integer.BYTES + name.length;
      return blob.length > end
          && java.nio.ByteBuffer.wrap(blob).getInt() == name.length
          && java.util.Arrays.equals(blob, Integer.BYTES, end, name, 0, name.length);
    } catch (IllegalArgumentException e) {
      return false; // not base64
    }
  }

  private static VmException notAPrivateKey(Path file) {
    return new VmException(
        ErrorCode.SSH_KEY_INVALID,
        file + " is not a private key in OpenSSH's format",
        "it was made by vmctl and has been damaged since: restore it, or destroy the VM and create it anew");
  }

  private static String shorten(String line) {
    return line.length() > 40 ? line.substring(0, 37) + "..." : line;
  }
}
