package dev.vmctl.guest;

import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.util.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A command that runs in a guest, from its start to its end. */
final class RunningCommand implements AutoCloseable {
  private static final System.Logger LOG = Log.of(RunningCommand.class);
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(30);
  private static final Duration GLANCE = Duration.ofMillis(200);

  /**
   * How long output may be silent, once the command has ended, before nobody waits for its end: a
   * process left behind in the background may keep the output open for ever.
   */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final SshLink link;
  private final ChannelExec channel;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong lastOutput = new AtomicLong(System.nanoTime());
  private final AtomicReference<@Nullable IOException> outputFailure = new AtomicReference<>();

  private RunningCommand(SshLink link, ChannelExec channel) {
    this.link = link;
    this.channel = channel;
  }

  /** What becomes of a command's input after its last byte. */
  enum InputEnd {
    /** The command sees its end. */
    CLOSED,
    /** It stays open: the command sees its end only with the connection's. */
    HELD
  }

  /**
   * @param in what the command reads; nothing when null
   * @throws VmException ssh.failed
   */
  static RunningCommand start(
      SshLink link,
      String command,
      @Nullable InputStream in,
      InputEnd inputEnd,
      OutputStream out,
      OutputStream error,
      ExecutorService threads)
      throws InterruptedException {
    try {
      ChannelExec channel = link.session().createExecChannel(command);
      RunningCommand running = new RunningCommand(link, channel);
      channel.setOut(running.new Sink(out));
      channel.setErr(running.new Sink(error));
      channel.addCloseFutureListener(future -> running.closed.countDown());
      channel.open().verify(OPEN_LIMIT);
      if (in == null) {
        channel.getInvertedIn().close();
      } else {
        threads.execute(() -> running.feed(in, inputEnd));
      }
      return running;
    } catch (InterruptedIOException e) {
      throw interrupted(e);
    } catch (IOException e) {
      throw link.broken(e);
    }
  }

  /**
   * Waits for the end. Interrupted, it ends the command.
   *
   * @throws VmException ssh.failed when the connection broke first; io when the output could not be
   *     written
   */
  RemoteExit await() throws InterruptedException {
    try {
      while (!closed.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS) && !endedInSilence()) {}
    } catch (InterruptedException e) {
      terminate();
      throw e;
    }
    IOException unwritten = outputFailure.get();
    if (unwritten != null) {
      throw new VmException(
          ErrorCode.IO,
          "cannot write the output of a command in the guest: " + unwritten.getMessage(),
          "check the space on the disk and where the output goes",
          unwritten);
    }
    Integer code = channel.getExitStatus();
    if (code != null) {
      return new RemoteExit.Code(code);
    }
    String signal = channel.getExitSignal();
    if (signal != null) {
      return new RemoteExit.Killed(signal);
    }
    throw link.broken(null);
  }

  @Override
  public void close() {
    channel.close(false);
  }

  private boolean endedInSilence() {
    boolean ended = channel.getExitStatus() != null || channel.getExitSignal() != null;
    return ended && System.nanoTime() - lastOutput.get() > LINGER.toNanos();
  }

  /** Closing alone does not end what runs without a terminal. */
  private void terminate() {
    for (String signal : new String[] {"TERM", "HUP"}) {
      try {
        Buffer request = link.session().createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST);
        request.putUInt(channel.getRecipient());
        request.putString("signal");
        request.putBoolean(false);
        request.putString(signal);
        channel.writePacket(request);
      } catch (IOException e) {
        // The connection is gone, and with it every means to reach the command.
        LOG.log(System.Logger.Level.DEBUG, "a command was not told to end", e);
      }
    }
  }

  private void feed(InputStream in, InputEnd inputEnd) {
    OutputStream to = channel.getInvertedIn();
    try {
      in.transferTo(to);
      to.flush();
      if (inputEnd == InputEnd.CLOSED) {
        to.close();
      }
    } catch (IOException e) {
      // The command ended without reading all (its exit says why), or its input could not be read.
      LOG.log(System.Logger.Level.DEBUG, "a command did not get all of its input", e);
    }
  }

  private static InterruptedException interrupted(InterruptedIOException e) {
    InterruptedException interrupted = new InterruptedException("while starting a command");
    interrupted.initCause(e);
    return interrupted;
  }

  /** Passes output on; called by the library's reader, which must survive any failure. */
  private final class Sink extends OutputStream {
    private final OutputStream to;

    Sink(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int octet) {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      lastOutput.set(System.nanoTime());
      try {
        to.write(bytes, offset, length);
      } catch (IOException e) {
        if (outputFailure.compareAndSet(null, e)) {
          terminate();
          channel.close(false);
        }
      }
    }

    @Override
    public void flush() {
      try {
        to.flush();
      } catch (IOException e) {
        outputFailure.compareAndSet(null, e);
      }
    }
  }
}
