package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for something to happen to files in a directory. What it was has to be looked at: not all
 * file systems tell, nor is there a watch for everybody, so that a wait may also end for nothing.
 */
public final class FileChanges implements AutoCloseable {
  private static final System.Logger LOG = Log.of(FileChanges.class);

  /** How long a change may go unnoticed where nobody tells. */
  private static final Duration UNTOLD = Duration.ofSeconds(1);

  /** The same where there is no watch at all. */
  private static final Duration UNWATCHED = Duration.ofMillis(100);

  private final @Nullable WatchService watch;

  private FileChanges(@Nullable WatchService watch) {
    this.watch = watch;
  }

  /** Watches from now on; a directory that is not there, or cannot be watched, is looked at. */
  public static FileChanges in(Path directory) {
    try {
      WatchService watch = directory.getFileSystem().newWatchService();
      FileChanges changes = new FileChanges(watch);
      try {
        directory.register(
            watch,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
        return changes;
      } catch (IOException e) {
        changes.close();
        throw e;
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot watch {0}: {1}", directory, e.getMessage());
      return new FileChanges(null);
    }
  }

  /** Returns when something has happened since the last call, after {@code atMost}, or earlier. */
  public void await(Duration atMost) throws InterruptedException {
    WatchService present = watch;
    if (present == null) {
      Thread.sleep(atMost.compareTo(UNWATCHED) < 0 ? atMost : UNWATCHED);
      return;
    }
    Duration longest = atMost.compareTo(UNTOLD) < 0 ? atMost : UNTOLD;
    WatchKey key = present.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    while (key != null) {
      key.pollEvents();
      key.reset();
      key = present.poll();
    }
  }

  @Override
  public void close() {
    WatchService present = watch;
    if (present != null) {
      try {
        present.close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "closing a watch failed", e);
      }
    }
  }
}
