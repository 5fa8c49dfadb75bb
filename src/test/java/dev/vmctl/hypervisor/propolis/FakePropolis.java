package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is inside a propolis-server: at most one instance, its states and their numbers, with the
 * rules of the real one, also those that its document does not have.
 */
final class FakePropolis {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_WAIT_S = 20;

  /** What a request is answered. */
  record Answer(int status, @Nullable JsonNode body) {}

  /** Specs that the real server would have panicked at, and other things no client may do. */
  final List<String> violations = new ArrayList<>();

  /** The last request for an instance. */
  @Nullable JsonNode ensured;

  int ensures;
  int runs;
  int stops;

  /** Whether Run leads on to Running by itself. */
  boolean starts = true;

  /** Whether Run leads to Failed instead. */
  boolean failsToStart;

  /** Whether Stop leads on to Destroyed by itself. */
  boolean ends = true;

  private @Nullable JsonNode properties;
  private InstanceState state = InstanceState.CREATING;
  private long generation;
  private boolean active;
  private boolean gone;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private int forgottenFrom;
  private int forgottenTo;

  /** What the guest writes to its console. */
  synchronized void says(String text) {
    console.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The console, from an offset on; the real one keeps the first and the last MiB of it. */
  synchronized Answer history(long from, int most) {
    if (properties == null) {
      return noInstance();
    }
    byte[] all = console.toByteArray();
    if (from > all.length) {
      return error(400, null, "from_start is beyond what was written");
    }
    long first = from >= forgottenFrom && from < forgottenTo ? forgottenTo : from;
    long end = Math.min(all.length, first + most);
    ObjectNode body = JSON.createObjectNode();
    for (long i = first; i < end; i++) {
      body.withArray("data").add(all[(int) i] & 0xff);
    }
    body.withArray("data");
    body.put("last_byte_offset", end);
    return new Answer(200, body);
  }

  /** Loses a part of what was written. */
  synchronized void forgets(int from, int to) {
    forgottenFrom = from;
    forgottenTo = to;
  }

  synchronized Answer handle(String method, String path, @Nullable JsonNode body) {
    return switch (method + " " + path) {
      case "GET /instance" -> instance();
      case "PUT /instance" -> ensure(body);
      case "PUT /instance/state" -> request(body);
      case "GET /instance/state-monitor" -> monitor(body);
      default -> error(404, null, "Not Found");
    };
  }

  static Answer error(int status, @Nullable String code, String message) {
    ObjectNode body = JSON.createObjectNode();
    body.put("request_id", "7d0f6b7e-1111-4222-8333-444455556666");
    body.put("message", message);
    if (code != null) {
      body.put("error_code", code);
    }
    return new Answer(status, body);
  }

  private static Answer noInstance() {
    return error(424, "NoInstance", "Server not initialized (no instance)");
  }

  private Answer instance() {
    if (properties == null) {
      return noInstance();
    }
    ObjectNode body = JSON.createObjectNode();
    ObjectNode instance = body.putObject("instance");
    instance.set("properties", properties);
    instance.set("state", JSON.valueToTree(state));
    return new Answer(200, body);
  }

  private Answer ensure(@Nullable JsonNode body) {
    if (body == null) {
      return error(400, null, "unable to parse JSON body");
    }
    ensures++;
    if (active) {
      return error(409, "AlreadyInitialized", "instance already initialized");
    }
    String wrong = wrongWith(body.at("/init/value/spec"));
    if (!wrong.isEmpty()) {
      return error(400, null, "failed to generate internal instance spec: " + wrong);
    }
    ensured = body;
    properties = body.get("properties");
    active = true;
    generation = 0;
    console.reset();
    become(InstanceState.CREATING);
    return new Answer(201, JSON.createObjectNode().putNull("migrate"));
  }

  /** What the real server checks by itself. */
  private String wrongWith(JsonNode spec) {
    int cpus = spec.at("/board/cpus").asInt();
    if (cpus < 1 || cpus > 32) {
      return "invalid number of processors";
    }
    boolean com1 = false;
    Set<String> paths = new HashSet<>(Set.of("0.0.0", "0.1.0", "0.1.3"));
    Set<String> backends = new HashSet<>();
    Set<String> used = new HashSet<>();
    for (Map.Entry<String, JsonNode> entry : spec.path("components").properties()) {
      JsonNode component = entry.getValue().path("component");
      String type = entry.getValue().path("type").asText();
      com1 |= type.equals("serial_port") && component.path("num").asText().equals("com1");
      JsonNode pci = component.path("pci_path");
      String path = pci.path("bus") + "." + pci.path("device") + "." + pci.path("function");
      if (!pci.isMissingNode() && !paths.add(path)) {
        return "a PCI device is already attached at " + path;
      }
      if (pci.path("device").asInt() > 31 || pci.path("function").asInt() > 7) {
        return "PCI path out of range";
      }
      if (type.endsWith("_backend")) {
        backends.add(entry.getKey());
      }
      if (component.has("backend_id") && !used.add(component.get("backend_id").asText())) {
        return "backend used twice: " + component.get("backend_id");
      }
      if (type.equals("blob_storage_backend")) {
        byte[] blob = Base64.getDecoder().decode(component.path("base64").asText());
        if (blob.length == 0 || blob.length % 512 != 0) {
          return "blob size must be a multiple of the block size";
        }
      }
      for (JsonNode entryOfOrder : component.path("order")) {
        String id = entryOfOrder.path("id").asText();
        if (!spec.at("/components/" + id).path("type").asText().endsWith("_disk")) {
          return "boot option " + id + " is not an attached device";
        }
      }
    }
    if (!com1) {
      violations.add("a spec without com1: the server panics");
    }
    return used.equals(backends) ? "" : "backends " + backends + " do not fit devices " + used;
  }

  private Answer request(@Nullable JsonNode body) {
    if (!active) {
      return noInstance();
    }
    switch (body == null ? "" : body.asText()) {
      case "Run" -> {
        runs++;
        if (state == InstanceState.STOPPING) {
          return forbidden("Instance is preparing to stop");
        }
        if (state == InstanceState.CREATING) {
          become(InstanceState.STARTING);
          if (failsToStart) {
            fail();
          } else if (starts) {
            become(InstanceState.RUNNING);
          }
        }
      }
      case "Stop" -> {
        stops++;
        become(InstanceState.STOPPING);
        if (ends) {
          end();
        }
      }
      case "Reboot" -> {
        if (state != InstanceState.RUNNING) {
          return forbidden("Operation requires an active instance");
        }
        become(InstanceState.REBOOTING);
        become(InstanceState.RUNNING);
      }
      default -> {
        return error(400, null, "unable to parse JSON body: unknown variant");
      }
    }
    return new Answer(204, null);
  }

  private static Answer forbidden(String reason) {
    return error(403, "instance state change not allowed: " + reason, "Forbidden");
  }

  private Answer monitor(@Nullable JsonNode body) {
    if (properties == null) {
      return noInstance();
    }
    long wanted = body == null ? 0 : body.path("gen").asLong();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_S);
    while (generation < wanted) {
      if (!active) {
        return error(
            410, "NoInstance", "No instance present; will never reach generation " + wanted);
      }
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      try {
        if (left > 0) {
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return error(500, null, "Internal Server Error");
      }
      if (left <= 0) {
        return error(503, null, "Service Unavailable");
      }
    }
    ObjectNode change = JSON.createObjectNode();
    change.put("gen", generation);
    change.set("state", JSON.valueToTree(state));
    change.putObject("migration").putNull("migration_in").putNull("migration_out");
    return new Answer(200, change);
  }

  private void become(InstanceState next) {
    state = next;
    generation++;
    notifyAll();
  }

  private void end() {
    become(InstanceState.STOPPED);
    become(InstanceState.DESTROYED);
    active = false;
    notifyAll();
  }

  /** The guest powers itself off. */
  synchronized void powerOff() {
    become(InstanceState.STOPPING);
    end();
  }

  /** The server fails to keep it running. */
  synchronized void fail() {
    become(InstanceState.FAILED);
    active = false;
    notifyAll();
  }

  /** Whoever waits is let go, as the server ends. */
  synchronized void letGo() {
    gone = true;
    active = false;
    notifyAll();
  }

  /** Whether the process has ended: what is still connected hears nothing sensible any more. */
  synchronized boolean isGone() {
    return gone;
  }

  synchronized @Nullable InstanceState state() {
    return properties == null ? null : state;
  }
}
