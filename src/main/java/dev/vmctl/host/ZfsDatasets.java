package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * ZFS datasets, through zfs(8). Every call looks first, is done when the host is as asked for, and
 * touches nothing that does not bear the mark.
 */
public final class ZfsDatasets {
  /** Sizes of volumes are multiples of this: no block size of a volume is larger. */
  public static final long STEP_BYTES = 1 << 20;

  private static final Pattern NAME =
      Pattern.compile(
          "[A-Za-z][A-Za-z0-9._:-]*(/[A-Za-z0-9][A-Za-z0-9._:-]*)*(@[A-Za-z0-9._:-]+)?");
  private static final int LONGEST_NAME = 255;
  private static final String TYPES = "filesystem,volume,snapshot";

  private final HostCommands commands;
  private final Path volumes;

  /**
   * @param volumes where the devices of volumes are: {@code /dev/zvol} on FreeBSD, {@code
   *     /dev/zvol/rdsk} on illumos
   */
  public ZfsDatasets(HostCommands commands, Path volumes) {
    this.commands = commands;
    this.volumes = volumes;
  }

  /** Those of this host: illumos has its raw devices elsewhere than the others. */
  public static ZfsDatasets ofThisHost(HostCommands commands) {
    boolean illumos = OperatingSystem.current() == OperatingSystem.ILLUMOS;
    return new ZfsDatasets(commands, Path.of(illumos ? "/dev/zvol/rdsk" : "/dev/zvol"));
  }

  /** The device of a volume. */
  public Path device(String volume) {
    return volumes.resolve(checked(volume));
  }

  /** Size in bytes that a volume gets that has to hold so much. */
  public static long rounded(long bytes) {
    if (bytes < 1 || bytes > Long.MAX_VALUE - STEP_BYTES) {
      throw new IllegalArgumentException("size " + bytes);
    }
    return (bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
  }

  /** The dataset or snapshot of this name. */
  public Optional<ZfsDataset> find(String name) {
    List<String> command =
        List.of(
            "zfs",
            "get",
            "-H",
            "-p",
            "-o",
            "name,property,value,source",
            properties(),
            checked(name));
    ToolResult result = commands.attempt(command);
    if (isMissing(result)) {
      return Optional.empty();
    }
    if (!result.succeeded()) {
      throw failure(command, name, result);
    }
    return parse(result.output()).stream().findFirst();
  }

  /**
   * A dataset and all below it, snapshots too, in ZFS's own order; empty when there is none of this
   * name.
   */
  public List<ZfsDataset> tree(String root) {
    List<String> command =
        List.of(
            "zfs",
            "get",
            "-H",
            "-p",
            "-r",
            "-t",
            TYPES,
            "-o",
            "name,property,value,source",
            properties(),
            checked(root));
    ToolResult result = commands.attempt(command);
    if (isMissing(result)) {
      return List.of();
    }
    if (!result.succeeded()) {
      throw failure(command, root, result);
    }
    return parse(result.output());
  }

  /**
   * Makes a file system that only holds other datasets; an existing one is good, whosever it is.
   *
   * @throws VmException dataset.missing when its parent is not there
   */
  public void createFolder(String name) {
    if (find(name).isEmpty()) {
      change(
          List.of("zfs", "create", "-o", "canmount=off", "-o", "mountpoint=none", checked(name)),
          name);
    }
  }

  /**
   * Makes a sparse volume of at least this size.
   *
   * @throws VmException dataset.foreign when there is one of this name without the mark
   */
  public void createVolume(String name, long bytes, ZfsMark mark) {
    Optional<ZfsDataset> present = find(name);
    if (present.isPresent()) {
      requireMark(present.get(), mark);
      return;
    }
    change(
        List.of(
            "zfs",
            "create",
            "-s",
            "-V",
            Long.toString(rounded(bytes)),
            "-o",
            mark.assignment(),
            checked(name)),
        name);
  }

  /** Takes a snapshot; an existing one of this name is good if it bears the mark. */
  public void snapshot(String snapshot, ZfsMark mark) {
    Optional<ZfsDataset> present = find(snapshot);
    if (present.isPresent()) {
      requireMark(present.get(), mark);
      return;
    }
    change(List.of("zfs", "snapshot", "-o", mark.assignment(), checked(snapshot)), snapshot);
  }

  /**
   * Makes a volume that shares all it does not change with a snapshot.
   *
   * @throws VmException dataset.foreign when there is something of this name that is no clone of
   *     it, or does not bear the mark
   */
  public void cloneSnapshot(String snapshot, String volume, ZfsMark mark) {
    Optional<ZfsDataset> present = find(volume);
    if (present.isPresent()) {
      requireMark(present.get(), mark);
      if (!present.get().origin().equals(snapshot)) {
        throw foreign(volume, "it is no clone of " + snapshot);
      }
      return;
    }
    change(
        List.of("zfs", "clone", "-o", mark.assignment(), checked(snapshot), checked(volume)),
        volume);
  }

  /**
   * Makes a volume larger; one that is large enough stays as it is.
   *
   * @throws VmException dataset.missing
   */
  public void growVolume(String name, long bytes) {
    ZfsDataset present = find(name).orElseThrow(() -> missing(name));
    long wanted = rounded(bytes);
    if (wanted > present.volumeBytes()) {
      change(List.of("zfs", "set", "volsize=" + wanted, checked(name)), name);
    }
  }

  /**
   * Destroys a dataset of ours with its snapshots and children; done when it is gone. Clones of its
   * snapshots keep it: that is an error.
   *
   * @throws VmException dataset.foreign when it does not bear the mark; dataset.busy
   */
  public void destroy(String name, ZfsMark mark) {
    Optional<ZfsDataset> present = find(name);
    if (present.isEmpty()) {
      return;
    }
    requireMark(present.get(), mark);
    List<String> command = List.of("zfs", "destroy", "-r", checked(name));
    ToolResult result = commands.attempt(command);
    if (!result.succeeded() && !isMissing(result)) {
      throw failure(command, name, result);
    }
  }

  private void change(List<String> command, String dataset) {
    ToolResult result = commands.attempt(command);
    if (!result.succeeded()) {
      throw failure(command, dataset, result);
    }
  }

  private static void requireMark(ZfsDataset present, ZfsMark mark) {
    if (!present.bears(mark)) {
      throw foreign(present.name(), "its property " + mark.property() + " is not " + mark.value());
    }
  }

  private static boolean isMissing(ToolResult result) {
    return !result.succeeded() && result.errors().contains("dataset does not exist");
  }

  private static VmException foreign(String name, String why) {
    return new VmException(
        ErrorCode.DATASET_FOREIGN,
        "the dataset " + name + " is not ours: " + why,
        "it is left untouched; rename it (zfs rename), or give vmctl another place for its"
            + " datasets");
  }

  private static VmException missing(String name) {
    return new VmException(
        ErrorCode.DATASET_MISSING,
        "there is no dataset " + name,
        "'zfs list -r' shows what there is; a VM whose disk is gone has to be created anew");
  }

  private VmException failure(List<String> command, String dataset, ToolResult result) {
    String said = result.errors().toLowerCase(Locale.ROOT);
    if (said.contains("dataset is busy") || said.contains("volume is busy")) {
      return commands.failure(
          ErrorCode.DATASET_BUSY,
          command,
          result,
          "something has " + dataset + " open or mounted: fuser or 'zfs holds' tell who");
    }
    if (said.contains("has dependent clones") || said.contains("has children")) {
      return commands.failure(
          ErrorCode.DATASET_BUSY,
          command,
          result,
          "the disks named above were cloned from it; they are kept, and so is it");
    }
    if (said.contains("out of space") || said.contains("quota exceeded")) {
      return commands.failure(
          ErrorCode.DISK_FULL, command, result, "free some space in its pool and try again");
    }
    if (said.contains("parent does not exist")
        || said.contains("no such pool")
        || said.contains("dataset does not exist")) {
      return commands.failure(
          ErrorCode.DATASET_MISSING,
          command,
          result,
          "make what is missing (zfs create -p), or give vmctl another place for its datasets");
    }
    return commands.failure(command, result);
  }

  private static String properties() {
    List<String> all = new ArrayList<>(List.of("type", "volsize", "used", "origin"));
    ZfsMark.KEYS.forEach(key -> all.add(ZfsMark.PREFIX + key));
    return String.join(",", all);
  }

  /** Lines of name, property, value, source, with tabs between them. */
  static List<ZfsDataset> parse(String output) {
    Map<String, Map<String, String>> found = new LinkedHashMap<>();
    output
        .lines()
        .filter(line -> !line.isEmpty())
        .forEach(
            line -> {
              String[] parts = line.split("\t", -1);
              if (parts.length != 4) {
                throw new VmException(
                    ErrorCode.HOST_COMMAND_FAILED,
                    "zfs answered in words we do not know: " + line,
                    "this version of zfs may be too new for this version of vmctl");
              }
              Map<String, String> values =
                  found.computeIfAbsent(parts[0], name -> new LinkedHashMap<>());
              boolean ours = parts[1].startsWith(ZfsMark.PREFIX);
              if (!parts[2].equals("-") && (!ours || parts[3].equals("local"))) {
                values.put(parts[1], parts[2]);
              }
            });
    return found.entrySet().stream()
        .map(entry -> dataset(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static ZfsDataset dataset(String name, Map<String, String> values) {
    Map<String, String> marks = new HashMap<>();
    for (String key : ZfsMark.KEYS) {
      String value = values.get(ZfsMark.PREFIX + key);
      if (value != null) {
        marks.put(key, value);
      }
    }
    ZfsDataset.Kind kind =
        switch (values.getOrDefault("type", "")) {
          case "volume" -> ZfsDataset.Kind.VOLUME;
          case "snapshot" -> ZfsDataset.Kind.SNAPSHOT;
          default -> ZfsDataset.Kind.FILESYSTEM;
        };
    return new ZfsDataset(
        name,
        kind,
        Long.parseLong(values.getOrDefault("volsize", "0")),
        Long.parseLong(values.getOrDefault("used", "0")),
        values.getOrDefault("origin", ""),
        marks);
  }

  private static String checked(String name) {
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not the name of a dataset: " + name);
    }
    return name;
  }
}
