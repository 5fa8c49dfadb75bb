package dev.vmctl.guest;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A key pair as OpenSSH writes it: the private half in its own format, the public half as one line.
 *
 * <p>Written with the JDK's Ed25519 alone: keys are made on the way to a VM's first start, where
 * loading the SSH library and its cryptography provider would cost a second.
 *
 * @param privateText content of the private key file
 * @param publicLine type, key and comment, without a line end
 */
record OpenSshKeyPair(String privateText, String publicLine) {
  private static final String TYPE = "ssh-ed25519";
  private static final String BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
  private static final String END = "-----END OPENSSH PRIVATE KEY-----";
  private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_LENGTH = 32;
  private static final int BLOCK_LENGTH = 8;
  private static final int LINE_LENGTH = 70;

  /** Makes an Ed25519 pair. */
  static OpenSshKeyPair generate(String comment, SecureRandom random) {
    KeyPair pair = ed25519(random);
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    // The X.509 form of an Ed25519 key is a fixed header and the 32 bytes themselves.
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length);
    Wire blob = new Wire().string(TYPE).string(point);
    byte[] file = container(blob.bytes(), seed, point, comment, random.nextInt());
    String body = Base64.getMimeEncoder(LINE_LENGTH, new byte[] {'\n'}).encodeToString(file);
    return new OpenSshKeyPair(
        BEGIN + "\n" + body + "\n" + END + "\n", publicLine(blob.bytes(), comment));
  }

  /**
   * Reads a private key file for the public half that its unencrypted head carries; empty if the
   * text is not in OpenSSH's private key format.
   */
  static Optional<OpenSshKeyPair> parse(String privateText, String comment) {
    String text = privateText.strip();
    if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
      return Optional.empty();
    }
    String body = text.substring(BEGIN.length(), text.length() - END.length());
    try {
      ByteBuffer in = ByteBuffer.wrap(Base64.getMimeDecoder().decode(body));
      byte[] magic = new byte[MAGIC.length];
      in.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        return Optional.empty();
      }
      readString(in); // cipher
      readString(in); // key derivation
      readString(in); // its options
      if (in.getInt() != 1) {
        return Optional.empty();
      }
      return Optional.of(new OpenSshKeyPair(privateText, publicLine(readString(in), comment)));
    } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  /** Type and key, without the comment: what identifies the key. */
  String publicKey() {
    String[] words = publicLine.split(" ", 3);
    return words[0] + " " + words[1];
  }

  private static KeyPair ed25519(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(KEY_LENGTH * 8 - 1, random);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK since 15 has Ed25519", e);
    }
  }

  private static byte[] container(
      byte[] blob, byte[] seed, byte[] point, String comment, int check) {
    Wire secret = new Wire().number(check).number(check).string(TYPE).string(point);
    secret.string(concatenate(seed, point)).string(comment);
    for (int pad = 1; secret.length() % BLOCK_LENGTH != 0; pad++) {
      secret.octet(pad);
    }
    Wire file = new Wire().raw(MAGIC).string("none").string("none").string("");
    return file.number(1).string(blob).string(secret.bytes()).bytes();
  }

  private static String publicLine(byte[] blob, String comment) {
    String type = new String(readString(ByteBuffer.wrap(blob)), StandardCharsets.US_ASCII);
    return type + " " + Base64.getEncoder().encodeToString(blob) + " " + comment;
  }

  private static byte[] readString(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("string of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static byte[] concatenate(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  /** The private text must not reach a log by way of a record's own form. */
  @Override
  public String toString() {
    return publicLine;
  }

  /** Writes the types of RFC 4251. */
  private static final class Wire {
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(buffer);

    Wire number(int value) {
      try {
        out.writeInt(value);
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Wire octet(int value) {
      buffer.write(value);
      return this;
    }

    Wire raw(byte[] bytes) {
      buffer.writeBytes(bytes);
      return this;
    }

    Wire string(byte[] bytes) {
      return number(bytes.length).raw(bytes);
    }

    Wire string(String text) {
      return string(text.getBytes(StandardCharsets.UTF_8));
    }

    int length() {
      return buffer.size();
    }

    byte[] bytes() {
      return buffer.toByteArray();
    }
  }
}
