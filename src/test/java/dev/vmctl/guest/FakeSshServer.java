package dev.vmctl.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** A guest's SSH server with faults to order: really the protocol, with commands made up. */
final class FakeSshServer implements AutoCloseable {
  /** What a command does. */
  interface Behaviour {
    void run(Running command) throws IOException, InterruptedException;
  }

  private final SshServer server = SshServer.setUpDefaultServer();
  final AtomicInteger logins = new AtomicInteger();
  final AtomicBoolean loginsRefused = new AtomicBoolean();
  final CountDownLatch signalled = new CountDownLatch(1);
  final CountDownLatch started = new CountDownLatch(1);

  /**
   * @param hostKey private key file of the server
   * @param clientKey public line of the one key that may log in, as "vm"
   */
  FakeSshServer(Path hostKey, String clientKey, Behaviour behaviour) throws IOException {
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(
        session -> {
          try (InputStream in = Files.newInputStream(hostKey)) {
            return SecurityUtils.loadKeyPairIdentities(null, new PathResource(hostKey), in, null);
          }
        });
    server.setPublickeyAuthenticator(
        (user, key, session) -> {
          logins.incrementAndGet();
          String offered = PublicKeyEntry.toString(key);
          return !loginsRefused.get() && user.equals("vm") && clientKey.startsWith(offered);
        });
    server.setCommandFactory((channel, text) -> new Running(text, behaviour));
    server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
    server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
    server.start();
  }

  int port() {
    return server.getPort();
  }

  void dropConnections() {
    server.getActiveSessions().forEach(session -> session.close(true));
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }

  /** One command on the server. */
  final class Running implements Command {
    final String text;
    InputStream in = InputStream.nullInputStream();
    OutputStream out = OutputStream.nullOutputStream();
    OutputStream error = OutputStream.nullOutputStream();
    private final Behaviour behaviour;
    private ExitCallback exit = (code, message, closeImmediately) -> {};

    Running(String text, Behaviour behaviour) {
      this.text = text;
      this.behaviour = behaviour;
    }

    void exit(int code) {
      exit.onExit(code);
    }

    @Override
    public void setInputStream(InputStream in) {
      this.in = in;
    }

    @Override
    public void setOutputStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void setErrorStream(OutputStream error) {
      this.error = error;
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
      this.exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
      environment.addSignalListener(
          (from, signal) -> {
            if (signal == Signal.TERM) {
              signalled.countDown();
            }
          });
      Thread.ofVirtual()
          .start(
              () -> {
                started.countDown();
                try {
                  behaviour.run(this);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }
}
