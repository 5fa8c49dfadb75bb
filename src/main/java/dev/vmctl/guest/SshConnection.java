package dev.vmctl.guest;

import dev.vmctl.guest.RunningCommand.InputEnd;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.apache.sshd.client.channel.ChannelDirectTcpip;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/** A connection to a guest, logged in. Commands and copies may run at the same time. */
public final class SshConnection implements AutoCloseable {
  private static final int PERMISSIONS = 0777;

  private final SshLink link;
  private final ExecutorService threads;
  private @Nullable SftpClient sftp;

  SshConnection(SshLink link, ExecutorService threads) {
    this.link = link;
    this.threads = threads;
  }

  /**
   * Runs a command by the user's login shell and passes its output on as it comes. Interrupting the
   * calling thread ends the command. Processes it leaves behind in the background are not waited
   * for.
   *
   * @param in what the command reads; nothing when null; not closed
   * @param out takes standard output, from another thread; so does {@code error}; not closed
   * @throws VmException ssh.failed when the connection breaks before the command ends; io when the
   *     output cannot be written
   */
  public RemoteExit exec(
      String command, @Nullable InputStream in, OutputStream out, OutputStream error)
      throws InterruptedException {
    return run(command, in, InputEnd.CLOSED, out, error);
  }

  /** As {@link #exec}, both outputs in one, and the input held open until the command ends. */
  RemoteExit execWhileConnected(String command, InputStream in, OutputStream output)
      throws InterruptedException {
    return run(command, in, InputEnd.HELD, output, output);
  }

  private RemoteExit run(
      String command,
      @Nullable InputStream in,
      InputEnd inputEnd,
      OutputStream out,
      OutputStream error)
      throws InterruptedException {
    try (RunningCommand running =
        RunningCommand.start(link, command, in, inputEnd, out, error, threads)) {
      return running.await();
    }
  }

  /**
   * Opens a connection from the guest to a TCP port of its own. The caller closes it.
   *
   * @throws IOException when nobody listens there, or the server does not do this
   */
  ChannelDirectTcpip connect(int port, Duration limit) throws IOException {
    ChannelDirectTcpip channel =
        link.session()
            .createDirectTcpipChannel(
                new SshdSocketAddress("127.0.0.1", 0), new SshdSocketAddress("127.0.0.1", port));
    try {
      channel.open().verify(limit);
      return channel;
    } catch (IOException e) {
      channel.close(true);
      throw e;
    }
  }

  /**
   * Copies a file into the guest with its permissions.
   *
   * @param remote relative to the user's home directory unless absolute
   * @throws VmException ssh.failed saying which side failed and why
   */
  public void upload(Path local, String remote) {
    try {
      SftpClient sftp = sftp();
      int mode = mode(Files.getPosixFilePermissions(local));
      try (InputStream in = Files.newInputStream(local);
          OutputStream out =
              sftp.write(remote, OpenMode.Write, OpenMode.Create, OpenMode.Truncate)) {
        in.transferTo(out);
      }
      sftp.setStat(remote, new SftpClient.Attributes().perms(mode));
    } catch (IOException e) {
      throw copyFailed("copy " + local + " to the guest's " + remote, e);
    }
  }

  /**
   * Copies a file out of the guest with its permissions; {@code local} is the old file or the whole
   * new one.
   *
   * @throws VmException ssh.failed saying which side failed and why
   */
  public void download(String remote, Path local) {
    Path parent = local.toAbsolutePath().getParent();
    try {
      SftpClient sftp = sftp();
      Path part = Files.createTempFile(parent, "." + local.getFileName(), ".part"); // 0600
      try {
        try (InputStream in = sftp.read(remote);
            OutputStream out = Files.newOutputStream(part)) {
          in.transferTo(out);
        }
        Files.setPosixFilePermissions(part, permissions(sftp.stat(remote).getPermissions()));
        Files.move(part, local, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw copyFailed("copy the guest's " + remote + " to " + local, e);
    }
  }

  public boolean isOpen() {
    return link.session().isOpen() && !link.session().isClosing();
  }

  /** Ends the connection and whatever still runs over it; does not wait for the guest. */
  @Override
  public void close() {
    link.session().close(false);
  }

  static int mode(Set<PosixFilePermission> permissions) {
    int mode = 0;
    for (PosixFilePermission permission : permissions) {
      mode |= bit(permission);
    }
    return mode;
  }

  private static int bit(PosixFilePermission permission) {
    return switch (permission) {
      case OWNER_READ -> 0400;
      case OWNER_WRITE -> 0200;
      case OWNER_EXECUTE -> 0100;
      case GROUP_READ -> 040;
      case GROUP_WRITE -> 020;
      case GROUP_EXECUTE -> 010;
      case OTHERS_READ -> 04;
      case OTHERS_WRITE -> 02;
      case OTHERS_EXECUTE -> 01;
    };
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder("rwxrwxrwx");
    for (int bit = 0; bit < text.length(); bit++) {
      if ((mode & PERMISSIONS & (0400 >> bit)) == 0) {
        text.setCharAt(bit, '-');
      }
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  /**
   * One for all copies of a connection: it saves the guest a process each, and dropbear sometimes
   * drops a second one that is opened while the first is being closed.
   */
  private synchronized SftpClient sftp() throws IOException {
    SftpClient current = sftp;
    if (current == null || !current.isOpen()) {
      current = SftpClientFactory.instance().createSftpClient(link.session());
      sftp = current;
    }
    return current;
  }

  private VmException copyFailed(String what, IOException e) {
    if (!isOpen()) {
      return link.broken(e);
    }
    String side = e instanceof SftpException ? "the guest says: " : "";
    return new VmException(
        ErrorCode.SSH_FAILED,
        "cannot " + what + ": " + side + e.getMessage(),
        "check that both paths exist and may be read and written",
        e);
  }
}
