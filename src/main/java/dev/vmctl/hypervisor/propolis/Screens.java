package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The screens of guests as VNC viewers take them: a server offers RFB in a WebSocket that asks for
 * headers, so each VM has a port of the loopback interface here that leads there. It lives as long
 * as the engine that looks after the VM.
 */
final class Screens {
  private static final System.Logger log = Log.of(Screens.class);

  private final Map<UUID, ServerSocket> doors = new ConcurrentHashMap<>();

  /** Offers a VM's screen from now on, if it is not offered already. */
  void offer(VmHandle vm, PropolisClient client) {
    doors.computeIfAbsent(vm.uuid(), id -> open(vm, client));
  }

  private static ServerSocket open(VmHandle vm, PropolisClient client) {
    try {
      ServerSocket door = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().name("screen-" + vm.name()).start(() -> serve(door, client));
      return door;
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "no port for the screen of " + vm.name(), "close some connections", e);
    }
  }

  private static void serve(ServerSocket door, PropolisClient client) {
    try (door) {
      while (true) {
        Socket viewer = door.accept();
        Thread.ofVirtual().start(() -> new ScreenPipe(viewer).run(client));
      }
    } catch (IOException closed) {
      log.log(System.Logger.Level.DEBUG, "a screen is offered no more", closed);
    }
  }

  /** Where a viewer finds the screen; empty when this engine does not offer it. */
  Optional<String> address(VmHandle vm) {
    return Optional.ofNullable(doors.get(vm.uuid()))
        .map(door -> door.getInetAddress().getHostAddress() + ":" + door.getLocalPort());
  }

  void forget(VmHandle vm) {
    close(doors.remove(vm.uuid()));
  }

  void close() {
    doors.values().forEach(Screens::close);
  }

  private static void close(@Nullable ServerSocket door) {
    try {
      if (door != null) {
        door.close();
      }
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "closing a screen's port failed", e);
    }
  }
}
