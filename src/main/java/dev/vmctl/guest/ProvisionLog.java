package dev.vmctl.guest;

import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * What provisioning said, appended to the VM's log as it comes, byte for byte. Bounded: of one run
 * it keeps the first 16 MiB, and a run that finds a log of that size starts a new one beside it.
 */
final class ProvisionLog extends OutputStream {
  static final long MAX_RUN_BYTES = 16L << 20;
  static final String OLD_SUFFIX = ".1";

  private final Path file;
  private final FileChannel channel;
  private final Clock clock;
  private long left = MAX_RUN_BYTES;
  private boolean lineEnded = true;
  private OutputTail tail = new OutputTail();

  private ProvisionLog(Path file, FileChannel channel, Clock clock) {
    this.file = file;
    this.channel = channel;
    this.clock = clock;
  }

  /**
   * @throws dev.vmctl.model.VmException disk.full, io
   */
  static ProvisionLog open(Path directory, Clock clock) {
    Path file = directory.resolve(Guests.PROVISION_LOG);
    try {
      if (size(file) >= MAX_RUN_BYTES) {
        Path old = file.resolveSibling(file.getFileName() + OLD_SUFFIX);
        Files.move(file, old, StandardCopyOption.ATOMIC_MOVE);
      }
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return new ProvisionLog(file, channel, clock);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /** Starts a step: its line, and an empty {@link #tail}. */
  synchronized void begin(String line) {
    tail = new OutputTail();
    note(line);
  }

  /** Writes a line of our own, also when the output has used up its room. */
  synchronized void note(String line) {
    String lead = lineEnded ? "" : "\n";
    String text =
        lead + "=== " + clock.instant().truncatedTo(ChronoUnit.MILLIS) + " " + line + "\n";
    try {
      append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
    lineEnded = true;
  }

  /** The last lines of the present step's output, for a message. */
  synchronized String tail() {
    return tail.text();
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    tail.add(bytes, offset, length);
    int kept = (int) Math.min(left, length);
    if (kept > 0) {
      append(ByteBuffer.wrap(bytes, offset, kept));
      lineEnded = bytes[offset + kept - 1] == '\n';
      left -= kept;
      if (left == 0) {
        note("the output of this run is longer than 16 MiB; the rest is not kept");
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }

  private void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
