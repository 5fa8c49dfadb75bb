package dev.vmctl.source;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.vmctl.vmfile.FileStamp;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Says that something changed in a directory, and never what: who is woken looks for himself.
 *
 * <p>The directory may appear, vanish and be replaced; its parent is watched for that. What neither
 * sees, such as a new target of a link further up, is noticed by looking at its inode now and then.
 * While the callback runs, any number of changes become one further call. It is also called when
 * the watch begins to see the directory, for what happened before. Where the kernel gives no watch,
 * it is called at the pace of those looks.
 */
public final class DirectoryWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger(DirectoryWatch.class.getName());
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Path directory;
  private final Runnable onChange;
  private final Duration look;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final @Nullable WatchService service;
  private final Thread thread;

  // The rest belongs to the thread.
  private @Nullable WatchKey inside;
  private @Nullable WatchKey above;
  private String identity = "";

  private DirectoryWatch(Path directory, Runnable onChange, Duration look) {
    this.directory = directory;
    this.onChange = onChange;
    this.look = look;
    this.service = open(directory);
    this.thread = Thread.ofVirtual().name("watch " + directory).unstarted(this::run);
  }

  private static @Nullable WatchService open(Path directory) {
    try {
      return directory.getFileSystem().newWatchService();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no watch to be had, changes are seen late: " + directory, e);
      return null;
    }
  }

  /** Begins to watch; {@code onChange} is called by a thread of the watch's own. */
  public static DirectoryWatch start(Path directory, Runnable onChange) {
    return start(directory, onChange, LOOK);
  }

  static DirectoryWatch start(Path directory, Runnable onChange, Duration look) {
    DirectoryWatch watch = new DirectoryWatch(directory.toAbsolutePath(), onChange, look);
    watch.thread.start();
    return watch;
  }

  /** Ends the watch. A call that is under way goes on; none begins afterwards. */
  @Override
  public void close() {
    closing.countDown();
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "the watch did not end cleanly: " + directory, e);
      }
    }
  }

  private void run() {
    try {
      boolean pending = service == null;
      while (closing.getCount() > 0) {
        boolean another = false;
        // Once more after a change: it may have changed again before it was watched.
        while (service != null && register(service) && closing.getCount() > 0) {
          another = true;
        }
        if (pending || another) {
          call();
        }
        pending =
            service == null ? !closing.await(look.toMillis(), MILLISECONDS) : changed(service);
      }
    } catch (ClosedWatchServiceException e) {
      LOG.log(Level.DEBUG, "the watch ends: {0}", directory);
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "the watch was interrupted and ends: " + directory, e);
    }
  }

  /**
   * Sees to it that the watch is on the directory that is there now.
   *
   * @return whether that is another one than before, or none any more
   */
  private boolean register(WatchService service) {
    if (above == null || !above.isValid()) {
      above = watch(directory.getParent(), service);
    }
    // Read once the parent is watched: what comes after this is told.
    String now = identityNow();
    boolean stands = inside != null && inside.isValid();
    if (now.equals(identity) && stands == !now.isEmpty()) {
      return false;
    }
    cancel(inside);
    cancel(above);
    above = watch(directory.getParent(), service);
    inside = watch(directory, service);
    // As it was before the watch began: if it was replaced meanwhile, the next look sees that.
    identity = now;
    return true;
  }

  private String identityNow() {
    try {
      FileStamp stamp = FileStamp.of(directory);
      return stamp.isDirectory() ? stamp.identity() : "";
    } catch (IOException e) {
      return ""; // Not there, or not to be seen: the next look tells.
    }
  }

  private static @Nullable WatchKey watch(@Nullable Path path, WatchService service) {
    if (path == null) {
      return null;
    }
    try {
      return path.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
    } catch (IOException e) {
      return null; // Not there, or no watch left: the looks go on.
    }
  }

  private static void cancel(@Nullable WatchKey key) {
    if (key != null) {
      key.cancel();
    }
  }

  /** Waits for something to happen, and takes all that has happened since. */
  private boolean changed(WatchService service) throws InterruptedException {
    WatchKey key = service.poll(look.toMillis(), MILLISECONDS);
    boolean changed = false;
    for (; key != null; key = service.poll()) {
      changed |= concerns(key);
      if (!key.reset()) {
        key.cancel();
      }
    }
    return changed;
  }

  private boolean concerns(WatchKey key) {
    boolean concerns = key.equals(inside);
    for (WatchEvent<?> event : key.pollEvents()) {
      concerns |=
          event.kind().equals(OVERFLOW) || Objects.equals(directory.getFileName(), event.context());
    }
    return concerns;
  }

  private void call() {
    if (closing.getCount() == 0) {
      return;
    }
    try {
      onChange.run();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a change of " + directory + " could not be acted upon", e);
    }
  }
}
