package dev.vmctl.guest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.agent.AgentClient;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Programs that a guest's agent runs. It tells nothing by itself, and serves one client at a time:
 * it is asked again and again, each time in a conversation of its own, so that others get their
 * turn.
 */
final class AgentPrograms {
  private static final Duration SHORTEST = Duration.ofMillis(20);
  private static final Duration LONGEST = Duration.ofMillis(500);

  /** A guest may be busy, and others be in conversation with its agent. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** 16 MiB of output go over a serial port. */
  private static final Duration CONVERSATION = Duration.ofSeconds(30);

  private static final int SIGNALLED = 128;

  private AgentPrograms() {}

  /** Its process id in the guest. */
  static long start(Path agent, List<String> command, byte[] input) throws InterruptedException {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("path", command.getFirst());
    arguments.put("arg", command.subList(1, command.size()));
    arguments.put("capture-output", true);
    if (input.length > 0) {
      arguments.put("input-data", input);
    }
    try (AgentClient client = AgentClient.open(agent, PATIENCE)) {
      return client.execute("guest-exec", arguments).path("pid").asLong();
    }
  }

  /** How it has ended; empty when it still runs after {@code wait}. */
  static Optional<ProgramEnd> await(Path agent, long id, Duration wait)
      throws InterruptedException {
    Deadline deadline = Deadline.in(wait);
    Duration pause = SHORTEST;
    while (true) {
      JsonNode status;
      try (AgentClient client = AgentClient.open(agent, CONVERSATION)) {
        status = client.execute("guest-exec-status", Map.of("pid", id));
      }
      if (status.path("exited").asBoolean()) {
        return Optional.of(end(status));
      }
      if (deadline.isOver()) {
        return Optional.empty();
      }
      Thread.sleep(deadline.atMost(pause));
      pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
    }
  }

  private static ProgramEnd end(JsonNode status) {
    return new ProgramEnd(
        status.has("signal")
            ? SIGNALLED + status.path("signal").asInt()
            : status.path("exitcode").asInt(),
        bytes(status.path("out-data")),
        bytes(status.path("err-data")),
        status.path("out-truncated").asBoolean() || status.path("err-truncated").asBoolean());
  }

  private static byte[] bytes(JsonNode base64) {
    try {
      return base64.isMissingNode() ? new byte[0] : base64.binaryValue();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.AGENT_FAILED,
          "what the guest agent tells of a program's output is no base64",
          "",
          e);
    }
  }
}
