package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** What a supervisor listens at: a real unix datagram socket. */
public final class NotifySocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int EAGAIN = 11;

  /** Of the C library. */
  public interface C extends Library {
    int socket(int domain, int type, int protocol) throws LastErrorException;

    int bind(int descriptor, Memory address, int length) throws LastErrorException;

    long recv(int descriptor, Memory into, long length, int flags) throws LastErrorException;

    int close(int descriptor) throws LastErrorException;
  }

  private final C libc = Native.load("c", C.class);
  private final int descriptor;

  /**
   * @param name a path, or one that begins with a NUL
   */
  public NotifySocket(String name) {
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    descriptor = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
    try (Memory address = new Memory(2L + path.length)) {
      address.setShort(0, (short) AF_UNIX);
      address.write(2, path, 0, path.length);
      libc.bind(descriptor, address, 2 + path.length);
    }
  }

  public static NotifySocket at(Path path) {
    return new NotifySocket(path.toString());
  }

  /** The next message, for which it waits; empty when none comes. */
  public String next(Duration patience) {
    String[] found = {""};
    try (Memory into = new Memory(4096)) {
      Awaitility.await()
          .atMost(patience)
          .pollInterval(Duration.ofMillis(10))
          .until(
              () -> {
                try {
                  int length = (int) libc.recv(descriptor, into, into.size(), MSG_DONTWAIT);
                  byte[] bytes = into.getByteArray(0, length);
                  found[0] = new String(bytes, StandardCharsets.UTF_8);
                  return true;
                } catch (LastErrorException e) {
                  if (e.getErrorCode() != EAGAIN) {
                    throw e;
                  }
                  return false;
                }
              });
    } catch (ConditionTimeoutException e) {
      return "";
    }
    return found[0];
  }

  @Override
  public void close() {
    libc.close(descriptor);
  }
}
