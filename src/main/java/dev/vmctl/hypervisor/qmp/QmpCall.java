package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;

/** A command on its way. Compared by identity: no two are the same. */
final class QmpCall {
  private final String command;
  private final byte[] message;
  private final CompletableFuture<JsonNode> reply;

  QmpCall(String command, byte[] message, CompletableFuture<JsonNode> reply) {
    this.command = command;
    this.message = message;
    this.reply = reply;
  }

  /** No command: only makes the writing thread look up. */
  static QmpCall wakeUp() {
    return new QmpCall("", new byte[0], CompletableFuture.completedFuture(null));
  }

  String command() {
    return command;
  }

  /** As it goes over the wire. */
  byte[] message() {
    return message;
  }

  CompletableFuture<JsonNode> reply() {
    return reply;
  }
}
