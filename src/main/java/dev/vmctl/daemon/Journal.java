package dev.vmctl.daemon;

import dev.vmctl.api.Changes;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.VmName;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The latest message about each VM, in the order they came, each encoded once for all who watch. A
 * VM has one message at most, so a watcher that falls behind is told of the present and not of all
 * that led there, and this grows with the VMs, never with time or with watchers.
 */
final class Journal {
  /** VMs that are gone and still remembered: who was away for more must list again. */
  static final int MOST_GONE = 1_000;

  private final Function<Object, byte[]> json;
  private final TreeMap<Long, Message> messages = new TreeMap<>();
  private final Map<String, Long> latest = new HashMap<>();
  private final TreeMap<Long, String> gone = new TreeMap<>();
  private long sequence;
  private long version;
  private long oldest = Long.MAX_VALUE;
  private long forgotten;

  /**
   * @param sequence rises by one with each message
   * @param version up to which all has been told with it, if {@code isLast}
   * @param isLast whether no more of this version follows
   * @param bytes as it is sent, without its id
   */
  record Message(
      long sequence, long version, boolean isLast, String vm, boolean isGone, Buffer bytes) {}

  Journal(Function<Object, byte[]> json) {
    this.json = json;
  }

  /** Takes in what the engine told. */
  synchronized void add(Changes changes) {
    version = changes.version();
    Set<String> lost = changes.whole() ? new HashSet<>(latest.keySet()) : new HashSet<>();
    lost.addAll(changes.gone());
    changes.vms().forEach(vm -> lost.remove(vm.summary().name()));
    lost.removeIf(name -> gone.containsKey(latest.getOrDefault(name, -1L)));
    if (changes.whole()) {
      oldest = version; // Of what was before, nobody knows all.
    }
    int left = changes.vms().size() + lost.size();
    for (VmStatus vm : changes.vms()) {
      String name = vm.summary().name();
      put(name, false, --left == 0, encoded(HttpApi.EVENT_VM, vm));
    }
    for (String name : lost.stream().sorted().toList()) {
      put(name, true, --left == 0, encoded(HttpApi.EVENT_GONE, new HttpApi.Gone(new VmName(name))));
      gone.put(sequence, name);
    }
    while (gone.size() > MOST_GONE) {
      Map.Entry<Long, String> first = gone.pollFirstEntry();
      latest.remove(first.getValue());
      oldest = Objects.requireNonNull(messages.remove(first.getKey())).version;
      forgotten = first.getKey();
    }
  }

  private void put(String name, boolean isGone, boolean isLast, Buffer bytes) {
    sequence++;
    Long before = latest.put(name, sequence);
    if (before != null) {
      messages.remove(before);
      gone.remove(before);
    }
    messages.put(sequence, new Message(sequence, version, isLast, name, isGone, bytes));
  }

  private Buffer encoded(String event, Object data) {
    return Buffer.buffer("event: " + event + "\ndata: ")
        .appendBytes(json.apply(data))
        .appendString("\n\n");
  }

  /** Of the newest message; 0 before the first. */
  synchronized long sequence() {
    return sequence;
  }

  /** Up to which all is known here. */
  synchronized long version() {
    return version;
  }

  /** Whether all that came after this version is known. */
  synchronized boolean knows(long since) {
    return since >= oldest && since <= version;
  }

  /** The latest message that is not remembered though nothing newer is known of its VM. */
  synchronized long forgotten() {
    return forgotten;
  }

  /** After which sequence a client goes on that has been told all up to this version. */
  synchronized long resume(long since) {
    long after = 0;
    for (Message message : messages.values()) {
      if (message.version > since) {
        break;
      }
      after = message.sequence;
    }
    return after;
  }

  /** The next after this one about one of these VMs; null when there is none. */
  synchronized @Nullable Message next(long after, Set<String> names) {
    if (names.isEmpty()) {
      Map.Entry<Long, Message> next = messages.higherEntry(after);
      return next == null ? null : next.getValue();
    }
    return names.stream()
        .map(latest::get)
        .filter(each -> each != null && each > after)
        .min(Long::compare)
        .map(messages::get)
        .orElse(null);
  }
}
