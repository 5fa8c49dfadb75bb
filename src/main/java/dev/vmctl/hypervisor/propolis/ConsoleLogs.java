package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what guests write to their consoles in files: a server has only the first and the last MiB
 * of it, and only while it lives. A file's length is where the next piece begins, in bytes since
 * the instance was made, so another engine goes on where this one ended; what was lost in between
 * is a hole. The file is begun anew by whoever begins a new run.
 */
final class ConsoleLogs {
  private static final System.Logger log = Log.of(ConsoleLogs.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** The same as QEMU's logs may have. */
  private static final long MOST = 16L << 20;

  private static final FileAttribute<?> OF_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final Set<StandardOpenOption> OPTIONS =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

  private final Map<UUID, Thread> followers = new ConcurrentHashMap<>();
  private final Duration answer;
  private final long most;

  /**
   * @param answer how long a server may take for an answer
   */
  ConsoleLogs(Duration answer) {
    this(answer, MOST);
  }

  ConsoleLogs(Duration answer, long most) {
    this.answer = answer;
    this.most = most;
  }

  static Path file(VmHandle vm) {
    return vm.directory().resolve("console.log");
  }

  /** Follows from now on, if it is not followed already. */
  void follow(VmHandle vm, PropolisClient client) {
    followers.computeIfAbsent(
        vm.uuid(),
        id ->
            Thread.ofVirtual()
                .name("console-" + vm.name())
                .start(() -> followToTheEnd(vm, id, client)));
  }

  private void followToTheEnd(VmHandle vm, UUID id, PropolisClient client) {
    try {
      while (true) {
        if (!copyMore(vm, client)) {
          TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
        }
      }
    } catch (InterruptedException released) {
      // Nobody is interested any more.
    } catch (Refusal | VmException | IOException e) {
      // The instance is gone, or silent: the next look at a VM that runs begins again.
      log.log(System.Logger.Level.DEBUG, "the console of " + vm.name() + " is lost", e);
    } finally {
      followers.remove(id, Thread.currentThread());
    }
  }

  /**
   * Copies a piece of what is not in the file yet.
   *
   * @return whether there was any
   */
  boolean copyMore(VmHandle vm, PropolisClient client)
      throws IOException, Refusal, InterruptedException {
    try (FileChannel file = FileChannel.open(file(vm), OPTIONS, OF_OWNER)) {
      long before = file.size();
      PropolisClient.Written more = client.written(before, answer);
      if (more.bytes().length == 0) {
        return false;
      }
      put(file, more.bytes(), more.end() - more.bytes().length);
      if (more.end() / most > before / most) {
        shorten(file);
      }
      return true;
    }
  }

  /** Of a file that has grown too long the end stays, and stays where it is. */
  private void shorten(FileChannel file) throws IOException {
    long size = file.size();
    long start = Math.max(0, size - most / 2);
    ByteBuffer kept = ByteBuffer.allocate((int) (size - start));
    while (kept.hasRemaining() && file.read(kept, start + kept.position()) >= 0) {
      // until it is whole
    }
    file.truncate(0);
    put(file, kept.array(), start);
  }

  private static void put(FileChannel file, byte[] bytes, long offset) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      file.write(left, offset + left.position());
    }
  }

  void forget(VmHandle vm) {
    Thread follower = followers.remove(vm.uuid());
    if (follower != null) {
      follower.interrupt();
    }
  }

  void close() {
    followers.values().forEach(Thread::interrupt);
  }
}
