package dev.vmctl.guest;

import dev.vmctl.agent.AgentClient;
import dev.vmctl.guest.BannerProbe.Seen;
import dev.vmctl.host.CancellableWork;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.sshd.client.channel.ChannelDirectTcpip;

/**
 * Looks once whether a guest passes a check.
 *
 * <p>A port of a guest with an address of its own is connected to. Behind QEMU's user network that
 * proves nothing, since QEMU takes every connection: there the guest's SSH server is asked to
 * connect; HTTP, which answers, may also come through a forwarded port.
 */
final class CheckRun {
  /** So long a server may be silent that is not there, behind a forwarded port. */
  private static final Duration SILENCE = Duration.ofSeconds(2);

  private final GuestAccess guest;
  private final SshDialer dialer;
  private final ExecutorService threads;

  CheckRun(GuestAccess guest, SshDialer dialer, ExecutorService threads) {
    this.guest = guest;
    this.dialer = dialer;
    this.threads = threads;
  }

  /** What a connection to a port of the guest is asked. */
  private interface Question {
    Optional<String> ask(InputStream in, OutputStream out) throws IOException;
  }

  /**
   * Looks.
   *
   * @param limit how long that may take
   * @return what is wrong; empty when the check passes
   */
  Optional<String> look(ProbeCheck check, Duration limit) throws InterruptedException {
    Deadline deadline = Deadline.in(limit);
    CompletableFuture<Optional<String>> look =
        CancellableWork.start(threads, () -> lookPatiently(check, deadline));
    try {
      return look.get(limit.toNanos(), TimeUnit.NANOSECONDS).map(why -> told(check, why));
    } catch (TimeoutException e) {
      return Optional.of(told(check, "no answer within " + BannerWait.seconds(limit)));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VmException known) {
        return Optional.of(told(check, String.valueOf(known.getMessage())));
      }
      throw new IllegalStateException("cannot look at " + check, e);
    } finally {
      look.cancel(true);
    }
  }

  private static String told(ProbeCheck check, String why) {
    return check.text() + ": " + why;
  }

  private Optional<String> lookPatiently(ProbeCheck check, Deadline deadline)
      throws InterruptedException {
    try {
      return switch (check) {
        case ProbeCheck.Ssh ssh -> banner(deadline);
        case ProbeCheck.Tcp(int port) -> connects(port, deadline);
        case ProbeCheck.Http(String path, int port) ->
            answers(port, deadline, (in, out) -> HttpLook.get(in, out, path, port));
        case ProbeCheck.Exec(String command) -> ends(command, deadline);
        case ProbeCheck.Agent agent -> agentAnswers(deadline);
        case ProbeCheck.Log(String regex) -> hasSaid(regex);
      };
    } catch (SocketTimeoutException e) {
      return Optional.of("no answer in time");
    } catch (IOException e) {
      return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private Optional<String> banner(Deadline deadline) throws InterruptedException {
    SshTarget target = guest.ssh();
    if (target == null) {
      return noWay();
    }
    LinkedBlockingQueue<Seen> answers = new LinkedBlockingQueue<>();
    try (BannerProbe probe =
        new BannerProbe(target, deadline.left(), (from, seen) -> answers.add(seen))) {
      threads.execute(probe);
      Seen seen = answers.poll(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
      Seen last = seen == null ? probe.soFar() : seen;
      return last instanceof Seen.Banner ? Optional.empty() : Optional.of(BannerWait.words(last));
    }
  }

  private Optional<String> connects(int port, Deadline deadline)
      throws IOException, InterruptedException {
    InetSocketAddress forward = guest.forwards().get(port);
    if (guest.address() == null && guest.ssh() == null && forward != null) {
      return takesAndKeeps(forward, deadline);
    }
    Question nothing = (in, out) -> Optional.empty();
    SshTarget target = guest.ssh();
    return guest.address() == null && target != null
        ? answersInside(target, port, deadline, nothing)
        : answers(port, deadline, nothing);
  }

  /** QEMU takes the connection and closes it again when the guest refuses it. */
  private static Optional<String> takesAndKeeps(InetSocketAddress forward, Deadline deadline)
      throws IOException {
    try (Socket socket = connected(forward, deadline)) {
      socket.setSoTimeout(milliseconds(deadline.atMost(SILENCE)));
      return socket.getInputStream().read() < 0
          ? Optional.of("nothing listens there")
          : Optional.empty();
    } catch (SocketTimeoutException silent) {
      // A server may well wait for its client to speak first.
      return Optional.empty();
    }
  }

  private Optional<String> answers(int port, Deadline deadline, Question question)
      throws IOException, InterruptedException {
    InetSocketAddress direct =
        guest.address() == null
            ? guest.forwards().get(port)
            : new InetSocketAddress(guest.address(), port);
    if (direct != null) {
      try (Socket socket = connected(direct, deadline)) {
        socket.setSoTimeout(milliseconds(deadline.left()));
        return question.ask(socket.getInputStream(), socket.getOutputStream());
      }
    }
    SshTarget target = guest.ssh();
    return target == null ? noWay() : answersInside(target, port, deadline, question);
  }

  private Optional<String> answersInside(
      SshTarget target, int port, Deadline deadline, Question question)
      throws IOException, InterruptedException {
    try (SshConnection connection = dialer.dial(target.within(deadline.left()))) {
      ChannelDirectTcpip channel = connection.connect(port, deadline.left());
      try {
        return question.ask(channel.getInvertedOut(), channel.getInvertedIn());
      } finally {
        channel.close(true);
      }
    }
  }

  private Optional<String> ends(String command, Deadline deadline) throws InterruptedException {
    SshTarget target = guest.ssh();
    if (target == null) {
      return noWay();
    }
    OutputTail tail = new OutputTail();
    OutputStream output =
        new OutputStream() {
          @Override
          public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            tail.add(bytes, offset, length);
          }
        };
    try (SshConnection connection = dialer.dial(target.within(deadline.left()))) {
      RemoteExit exit = connection.exec(command, null, output, output);
      if (exit instanceof RemoteExit.Code(int code) && code == 0) {
        return Optional.empty();
      }
      String said = tail.text().lines().reduce((first, last) -> last).orElse("");
      return Optional.of("it ended with " + exit.text() + (said.isEmpty() ? "" : ": " + said));
    }
  }

  private Optional<String> agentAnswers(Deadline deadline) throws InterruptedException {
    Path socket = guest.agent();
    if (socket == null) {
      return noWay();
    }
    try (AgentClient agent = AgentClient.open(socket, deadline.left())) {
      agent.execute("guest-ping");
      return Optional.empty();
    }
  }

  private Optional<String> hasSaid(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return new ConsoleLog(guest.directory())
            .lines().stream().anyMatch(line -> pattern.matcher(line).find())
        ? Optional.empty()
        : Optional.of("the console has not said it");
  }

  private static Optional<String> noWay() {
    return Optional.of("nothing leads there from this host");
  }

  private static Socket connected(InetSocketAddress address, Deadline deadline) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, milliseconds(deadline.left()));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static int milliseconds(Duration time) {
    return Math.clamp(time.toMillis(), 1, Integer.MAX_VALUE);
  }
}
