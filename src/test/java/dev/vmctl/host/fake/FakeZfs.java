package dev.vmctl.host.fake;

import dev.vmctl.host.fake.FakeTool.Refusal;
import dev.vmctl.host.fake.FakeTool.Usage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** zfs(8) on one pool. Volumes have real files, so that what is written to them can be read. */
public final class FakeZfs implements FakeTool {
  private static final long BLOCK = 8192;

  /** What there is; snapshots sort behind their dataset. */
  public final Map<String, Node> datasets = new TreeMap<>();

  /** Volumes that a process has open. */
  public final Set<String> open = new HashSet<>();

  /** Bytes of the pool that volumes may promise. */
  public long capacity = 1L << 40;

  private final Path devices;
  private final Path snapshots;

  /** A dataset. */
  public static final class Node {
    public final String type;
    public long volumeBytes;
    public final @Nullable String origin;
    public final Map<String, String> properties = new HashMap<>();

    Node(String type, long volumeBytes, @Nullable String origin) {
      this.type = type;
      this.volumeBytes = volumeBytes;
      this.origin = origin;
    }
  }

  FakeZfs(Path devices, Path snapshots, String pool) {
    this.devices = devices;
    this.snapshots = snapshots;
    datasets.put(pool, new Node("filesystem", 0, null));
  }

  /** The device of a volume. */
  public Path device(String volume) {
    return devices.resolve(volume);
  }

  /** Makes what others have made. */
  public Node addVolume(String name, long bytes) {
    Node node = new Node("volume", bytes, null);
    datasets.put(name, node);
    resize(name, bytes);
    return node;
  }

  @Override
  public String run(List<String> arguments) {
    Deque<String> words = new ArrayDeque<>(arguments);
    String command = words.isEmpty() ? "" : words.poll();
    return switch (command) {
      case "get" -> get(words);
      case "create" -> create(words);
      case "snapshot" -> snapshot(words);
      case "clone" -> cloned(words);
      case "set" -> set(words);
      case "destroy" -> destroy(words);
      default -> throw new Usage("zfs: unrecognized command '" + command + "'");
    };
  }

  private static String last(Deque<String> words) {
    if (words.size() != 1) {
      throw new Usage("zfs: one dataset expected: " + words);
    }
    return words.getLast();
  }

  private String get(Deque<String> words) {
    boolean recursive = false;
    boolean exact = false;
    boolean scripted = false;
    List<String> columns = List.of();
    List<String> types = List.of("filesystem", "volume", "snapshot");
    while (words.peek() != null && words.peek().startsWith("-")) {
      switch (words.poll()) {
        case "-H" -> scripted = true;
        case "-p" -> exact = true;
        case "-r" -> recursive = true;
        case "-o" -> columns = List.of(words.remove().split(","));
        case "-t" -> types = List.of(words.remove().split(","));
        default -> throw new Usage("zfs get: bad option");
      }
    }
    if (!exact || !scripted || !columns.equals(List.of("name", "property", "value", "source"))) {
      throw new Usage("zfs get: the answer would be for people");
    }
    List<String> properties = List.of(words.remove().split(","));
    String name = last(words);
    if (!datasets.containsKey(name)) {
      throw new Refusal(1, "cannot open '" + name + "': dataset does not exist");
    }
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, Node> entry : datasets.entrySet()) {
      boolean below =
          entry.getKey().startsWith(name + "/") || entry.getKey().startsWith(name + "@");
      boolean wanted = entry.getKey().equals(name) || (recursive && below);
      if (wanted && types.contains(entry.getValue().type)) {
        properties.forEach(property -> out.append(line(entry.getKey(), property)));
      }
    }
    return out.toString();
  }

  private String line(String name, String property) {
    Node node = Objects.requireNonNull(datasets.get(name));
    String value = "-";
    String source = "-";
    switch (property) {
      case "type" -> value = node.type;
      case "origin" -> value = node.origin == null ? "-" : node.origin;
      // As if nothing of it had been written.
      case "used" -> value = node.type.equals("volume") ? "57344" : "0";
      case "volsize" -> {
        if (node.volumeBytes > 0) {
          value = Long.toString(node.volumeBytes);
          source = node.type.equals("volume") ? "local" : "-";
        }
      }
      default -> {
        if (!property.contains(":")) {
          throw new Usage("bad property list: invalid property '" + property + "'");
        }
        for (String at = name; at != null; at = parent(at)) {
          String set = Objects.requireNonNull(datasets.get(at)).properties.get(property);
          if (set != null) {
            value = set;
            source = at.equals(name) ? "local" : "inherited from " + at;
            break;
          }
        }
      }
    }
    return String.join("\t", name, property, value, source) + "\n";
  }

  private static @Nullable String parent(String name) {
    int cut = Math.max(name.lastIndexOf('@'), name.lastIndexOf('/'));
    return cut < 0 ? null : name.substring(0, cut);
  }

  private String create(Deque<String> words) {
    long size = 0;
    Map<String, String> properties = new HashMap<>();
    while (words.peek() != null && words.peek().startsWith("-")) {
      switch (words.poll()) {
        case "-V" -> size = Long.parseLong(words.remove());
        case "-s" -> {}
        case "-o" -> property(words.remove(), properties);
        default -> throw new Usage("zfs create: bad option");
      }
    }
    String name = last(words);
    requireFree(name);
    if (size > capacity) {
      throw new Refusal(1, "cannot create '" + name + "': out of space");
    }
    long rounded = (size + BLOCK - 1) / BLOCK * BLOCK;
    Node node = new Node(size > 0 ? "volume" : "filesystem", rounded, null);
    node.properties.putAll(properties);
    datasets.put(name, node);
    if (size > 0) {
      resize(name, rounded);
    }
    return "";
  }

  private static void property(String assignment, Map<String, String> into) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new Usage("missing '=' for property=value argument");
    }
    String name = assignment.substring(0, equals);
    boolean known = Set.of("canmount", "mountpoint", "volsize").contains(name);
    if (!known && !name.matches("[a-z0-9.:_-]*:[a-z0-9.:_-]*")) {
      throw new Usage("invalid property '" + name + "'");
    }
    into.put(name, assignment.substring(equals + 1));
  }

  private void requireFree(String name) {
    String above = parent(name);
    if (above == null || !datasets.containsKey(name.split("[/@]")[0])) {
      throw new Refusal(
          1, "cannot create '" + name + "': no such pool '" + name.split("[/@]")[0] + "'");
    }
    if (datasets.containsKey(name)) {
      throw new Refusal(1, "cannot create '" + name + "': dataset already exists");
    }
    if (!datasets.containsKey(above)) {
      throw new Refusal(1, "cannot create '" + name + "': parent does not exist");
    }
    if (!datasets.get(above).type.equals("filesystem")) {
      throw new Refusal(1, "cannot create '" + name + "': parent is not a filesystem");
    }
  }

  private String snapshot(Deque<String> words) {
    Map<String, String> properties = new HashMap<>();
    while ("-o".equals(words.peek())) {
      words.poll();
      property(words.remove(), properties);
    }
    String name = last(words);
    String of = name.substring(0, Math.max(0, name.indexOf('@')));
    Node node = datasets.get(of);
    if (node == null) {
      throw new Refusal(
          2, "cannot open '" + of + "': dataset does not exist\nusage:\n\tsnapshot …");
    }
    if (datasets.containsKey(name)) {
      throw new Refusal(1, "cannot create snapshot '" + name + "': dataset already exists");
    }
    Node snapshot = new Node("snapshot", node.volumeBytes, null);
    snapshot.properties.putAll(properties);
    datasets.put(name, snapshot);
    if (node.volumeBytes > 0) {
      copy(device(of), snapshotFile(name));
    }
    return "";
  }

  private String cloned(Deque<String> words) {
    Map<String, String> properties = new HashMap<>();
    while ("-o".equals(words.peek())) {
      words.poll();
      property(words.remove(), properties);
    }
    String snapshot = words.remove();
    String name = last(words);
    Node from = datasets.get(snapshot);
    if (from == null || !from.type.equals("snapshot")) {
      throw new Refusal(1, "cannot open '" + snapshot + "': dataset does not exist");
    }
    requireFree(name);
    Node node = new Node("volume", from.volumeBytes, snapshot);
    node.properties.putAll(properties);
    datasets.put(name, node);
    copy(snapshotFile(snapshot), device(name));
    return "";
  }

  private String set(Deque<String> words) {
    Map<String, String> properties = new HashMap<>();
    property(words.remove(), properties);
    String name = last(words);
    Node node = datasets.get(name);
    if (node == null) {
      throw new Refusal(1, "cannot open '" + name + "': dataset does not exist");
    }
    String size = properties.remove("volsize");
    if (size != null) {
      long bytes = Long.parseLong(size);
      if (bytes % BLOCK != 0) {
        throw new Refusal(
            1,
            "cannot set property for '"
                + name
                + "': 'volsize' must be a multiple of volume block size (8K)");
      }
      if (bytes > capacity) {
        throw new Refusal(
            1, "cannot set property for '" + name + "': size is greater than available space");
      }
      if (bytes < node.volumeBytes) {
        throw new Usage("a volume was shrunk: " + name);
      }
      node.volumeBytes = bytes;
      resize(name, bytes);
    }
    node.properties.putAll(properties);
    return "";
  }

  private String destroy(Deque<String> words) {
    boolean recursive = "-r".equals(words.peek());
    if (recursive) {
      words.poll();
    }
    String name = last(words);
    if (!datasets.containsKey(name)) {
      throw new Refusal(1, "cannot open '" + name + "': dataset does not exist");
    }
    List<String> below =
        datasets.keySet().stream()
            .filter(other -> other.startsWith(name + "@") || other.startsWith(name + "/"))
            .toList();
    List<String> doomed = new ArrayList<>(below);
    doomed.add(name);
    List<String> clones =
        datasets.entrySet().stream()
            .filter(entry -> entry.getValue().origin != null)
            .filter(entry -> doomed.contains(entry.getValue().origin))
            .map(Map.Entry::getKey)
            .filter(clone -> !doomed.contains(clone))
            .toList();
    String type = datasets.get(name).type;
    if (!clones.isEmpty()) {
      throw new Refusal(
          1,
          "cannot destroy '"
              + name
              + "': "
              + type
              + " has dependent clones\nuse '-R' to destroy the following datasets:\n"
              + String.join("\n", clones));
    }
    if (!below.isEmpty() && !recursive) {
      throw new Refusal(
          1,
          "cannot destroy '"
              + name
              + "': "
              + type
              + " has children\nuse '-r' to destroy the following datasets:\n"
              + String.join("\n", below));
    }
    if (doomed.stream().anyMatch(open::contains)) {
      throw new Refusal(1, "cannot destroy '" + name + "': dataset is busy");
    }
    doomed.forEach(this::remove);
    return "";
  }

  private void remove(String name) {
    datasets.remove(name);
    try {
      Files.deleteIfExists(name.contains("@") ? snapshotFile(name) : device(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path snapshotFile(String snapshot) {
    return snapshots.resolve(snapshot.replace('/', '_'));
  }

  private void resize(String volume, long bytes) {
    try {
      Files.createDirectories(device(volume).getParent());
      try (RandomAccessFile file = new RandomAccessFile(device(volume).toFile(), "rw")) {
        file.setLength(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
