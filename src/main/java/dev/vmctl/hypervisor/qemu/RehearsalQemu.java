package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.VmHandle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says by QMP that a VM runs which there is not: for the run in which the JVM records what commands
 * load, see {@code bin/vmctl}.
 */
public final class RehearsalQemu implements AutoCloseable {
  private static final Pattern COMMAND =
      Pattern.compile("\"execute\":\"([a-z_-]+)\".*\"id\":(\\d+)");

  private final VmHandle vm;
  private final ServerSocketChannel server;

  /** Answers from now on, where bystanders ask. */
  public RehearsalQemu(VmHandle vm) throws IOException {
    this.vm = vm;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(new QemuFiles(vm).readSocket()));
    Thread.ofPlatform().daemon().name("rehearsal").start(this::serve);
  }

  private void serve() {
    while (true) {
      try (SocketChannel accepted = server.accept()) {
        converse(accepted);
      } catch (ClosedChannelException over) {
        return;
      } catch (IOException gone) {
        // Who asked has heard enough.
      }
    }
  }

  private void converse(SocketChannel asker) throws IOException {
    say(asker, "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":0}}}}");
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(asker, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher command = COMMAND.matcher(line);
        if (command.find()) {
          say(
              asker,
              "{\"return\":" + answer(command.group(1)) + ",\"id\":" + command.group(2) + "}");
        }
      }
    }
  }

  private String answer(String command) {
    return switch (command) {
      case "query-uuid" -> "{\"UUID\":\"" + vm.uuid() + "\"}";
      case "query-status" -> "{\"status\":\"running\",\"running\":true}";
      default -> "{}";
    };
  }

  private static void say(SocketChannel asker, String message) throws IOException {
    ByteBuffer line = ByteBuffer.wrap((message + "\r\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      asker.write(line);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException unclosable) {
      throw new UncheckedIOException(unclosable);
    }
  }
}
