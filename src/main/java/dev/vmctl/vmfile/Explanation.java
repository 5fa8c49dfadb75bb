package dev.vmctl.vmfile;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Described;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.NearestName;
import dev.vmctl.model.Part;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say of one node of a VMFile, from the descriptors that the reader reads by.
 *
 * @param path from the top of the file, such as {@code vm.cloud-init.hostname}
 * @param value what its value is; empty if it has none
 * @param of the words of the node around it that it goes with; empty: with any
 * @param change the gentlest a change of it can be; null for what is no field of a VM
 * @param backends those that know it
 * @param since the first version that has it
 * @param children the nodes that may stand in its braces
 */
public record Explanation(
    String path,
    String summary,
    String value,
    List<String> of,
    String defaultText,
    @Nullable String change,
    List<String> backends,
    String since,
    boolean sensitive,
    boolean repeatable,
    String example,
    List<Explanation> children) {
  private static final String SINCE = "0.1.0";
  private static final List<String> EVERY =
      Arrays.stream(BackendTag.values()).map(BackendTag::text).toList();

  public Explanation {
    Objects.requireNonNull(path);
    of = List.copyOf(of);
    backends = List.copyOf(backends);
    children = List.copyOf(children);
  }

  /** The last word of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Every node that can stand at the top of a VMFile. */
  public static List<Explanation> all() {
    List<Explanation> top = new ArrayList<>();
    for (Construct construct : Construct.top()) {
      List<Explanation> children = new ArrayList<>();
      if (construct != Construct.DEFAULTS) {
        Construct.inVm().stream()
            .filter(inner -> construct == Construct.VM || inner == Construct.USE)
            .forEach(inner -> children.add(of(inner, List.of())));
      }
      if (construct == Construct.VM) {
        children.addAll(below(Schema.of(VmFields.ALL)));
      }
      top.add(of(construct, children));
    }
    return top;
  }

  /**
   * The node of a path; {@code vm.} at its beginning may be left out.
   *
   * @throws VmException {@link ErrorCode#USAGE} if there is none, with the nearest
   */
  public static Explanation find(String path) {
    List<Explanation> known = all();
    Explanation found = null;
    String at = "";
    List<String> words = List.of(path.split("\\.", -1));
    for (String word : words) {
      List<Explanation> candidates = found == null ? known : found.children();
      Explanation next = child(candidates, word);
      if (next == null && found == null) {
        known = known.getFirst().children();
        next = child(known, word);
      }
      if (next == null) {
        throw unknown(at, word, found == null ? known : candidates);
      }
      found = next;
      at = next.path();
    }
    return Objects.requireNonNull(found);
  }

  private static @Nullable Explanation child(List<Explanation> among, String name) {
    return among.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }

  private static VmException unknown(String at, String word, List<Explanation> known) {
    Collection<String> names = known.stream().map(Explanation::name).toList();
    String where = at.isEmpty() ? "a VMFile" : "'" + at + "'";
    return new VmException(
        ErrorCode.USAGE,
        Quoted.of(word) + " means nothing in " + where,
        NearestName.of(word, names)
            .map(name -> "did you mean '" + name + "'?")
            .orElse(names.isEmpty() ? "it holds nothing" : "known: " + String.join(", ", names)));
  }

  private static Explanation of(Construct construct, List<Explanation> children) {
    return new Explanation(
        construct.path,
        construct.summary,
        construct.value,
        List.of(),
        "",
        null,
        EVERY,
        SINCE,
        false,
        construct != Construct.DEFAULTS && construct != Construct.REPLICAS,
        construct.example,
        children);
  }

  private static List<Explanation> below(Schema.Group group) {
    List<Explanation> found = new ArrayList<>();
    for (Map.Entry<String, Schema> part : group.parts().entrySet()) {
      found.add(
          switch (part.getValue()) {
            case Schema.Leaf(Field<?> field) -> of(field);
            case Schema.Group inner -> of(inner, below(inner));
          });
    }
    return found;
  }

  private static Explanation of(Schema.Group group, List<Explanation> children) {
    String names = String.join(", ", group.names());
    return new Explanation(
        "vm." + group.path(),
        "Holds " + names + ".",
        "",
        List.of(),
        "",
        null,
        EVERY,
        SINCE,
        false,
        false,
        group.path().substring(group.path().lastIndexOf('.') + 1) + " { " + group.example() + " }",
        children);
  }

  private static Explanation of(Field<?> field) {
    String path = "vm." + field.path();
    return new Explanation(
        path,
        field.summary(),
        SchemaText.value(field),
        List.of(),
        field.defaultText(),
        field.gentlest().text(),
        Objects.requireNonNullElse(SchemaText.backends(field), EVERY),
        field.since(),
        field.sensitive(),
        field.repeatable(),
        field.example(),
        parts(path, field, field));
  }

  private static List<Explanation> parts(String path, Described owner, Field<?> field) {
    return owner.parts().stream().map(part -> of(path + "." + part.name(), part, field)).toList();
  }

  private static Explanation of(String path, Part part, Field<?> field) {
    return new Explanation(
        path,
        part.summary(),
        SchemaText.value(part),
        part.of().stream().sorted().toList(),
        part.defaultText(),
        field.gentlest().text(),
        Objects.requireNonNullElse(SchemaText.backends(field), EVERY),
        field.since(),
        field.sensitive(),
        false,
        part.example(),
        parts(path, part, field));
  }
}
