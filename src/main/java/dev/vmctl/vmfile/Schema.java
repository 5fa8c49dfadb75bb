package dev.vmctl.vmfile;

import dev.vmctl.model.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields as a tree of nodes: {@code cloud-init.hostname} is the leaf {@code hostname} in the
 * group {@code cloud-init}.
 */
sealed interface Schema {
  /** A node that holds others. */
  record Group(String path, Map<String, Schema> parts) implements Schema {
    @Nullable Schema part(String name) {
      return parts.get(name);
    }

    Set<String> names() {
      return parts.keySet();
    }

    /** A field of that name anywhere below, with the groups around it from the outside in. */
    Optional<List<String>> find(String name) {
      for (Map.Entry<String, Schema> part : parts.entrySet()) {
        if (part.getKey().equals(name)) {
          return Optional.of(List.of(name));
        }
        if (part.getValue() instanceof Group group) {
          Optional<List<String>> below = group.find(name);
          if (below.isPresent()) {
            List<String> path = new ArrayList<>(below.get());
            path.addFirst(part.getKey());
            return Optional.of(path);
          }
        }
      }
      return Optional.empty();
    }

    /** How some field in it is written. */
    String example() {
      return switch (parts.values().iterator().next()) {
        case Group group -> group.example();
        case Leaf leaf -> leaf.field().example();
      };
    }
  }

  /** A node with a value. */
  record Leaf(Field<?> field) implements Schema {}

  /** The tree of these fields. */
  static Group of(List<Field<?>> fields) {
    Group root = new Group("", new LinkedHashMap<>());
    for (Field<?> field : fields) {
      Group group = root;
      List<String> path = List.of(field.path().split("\\."));
      for (String name : path.subList(0, path.size() - 1)) {
        group = below(group, name);
      }
      if (group.parts().put(path.getLast(), new Leaf(field)) != null) {
        throw new IllegalArgumentException("two fields at " + field.path());
      }
    }
    return root;
  }

  private static Group below(Group group, String name) {
    String path = group.path().isEmpty() ? name : group.path() + "." + name;
    Schema found =
        group.parts().computeIfAbsent(name, absent -> new Group(path, new LinkedHashMap<>()));
    return switch (found) {
      case Group inner -> inner;
      case Leaf leaf -> throw new IllegalArgumentException(path + " is a field and a group");
    };
  }
}
