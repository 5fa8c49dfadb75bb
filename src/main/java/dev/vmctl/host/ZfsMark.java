package dev.vmctl.host;

import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What tells that a dataset is ours: a user property {@code dev.vmctl:<key>}. ZFS hands such
 * properties down to children and snapshots, so only one that was set on the dataset itself counts.
 *
 * @param key one of {@link #KEYS}
 * @param value what it is for
 */
public record ZfsMark(String key, String value) {
  /** Module part of the property's name, as zfs(8) asks for: a reversed domain. */
  static final String PREFIX = "dev.vmctl:";

  /** The VM it belongs to, by uuid. */
  private static final String OWNER = "owner";

  /** The image it holds, by digest. */
  static final String IMAGE = "image";

  static final List<String> KEYS = List.of(OWNER, IMAGE);

  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9:._-]{1,200}");

  public ZfsMark {
    if (!KEYS.contains(key)) {
      throw new IllegalArgumentException("not a mark of ours: " + key);
    }
    if (!VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException("not a value for a mark: " + value);
    }
  }

  public static ZfsMark owner(UUID vm) {
    return new ZfsMark(OWNER, vm.toString());
  }

  public static ZfsMark image(String digest) {
    return new ZfsMark(IMAGE, digest);
  }

  String property() {
    return PREFIX + key;
  }

  String assignment() {
    return property() + "=" + value;
  }
}
