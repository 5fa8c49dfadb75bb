package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm}, {@code template} or {@code defaults} node while it is read: the values so far, and
 * where they stand.
 */
final class VmDraft {
  /** Of these, what a VM says itself stands for all. */
  private static final List<Field<?>> IMAGES =
      List.of(VmFields.IMAGE, VmFields.IMAGE_URL, VmFields.IMAGE_BUILD, VmFields.IMAGE_SHA256);

  final KdlNode node;
  final FieldValues values = new FieldValues();
  final List<DeclaredFile> files = new ArrayList<>();

  /** Its {@code use} and {@code replicas} nodes. */
  final List<KdlNode> constructs = new ArrayList<>();

  private final Path file;
  private final Map<Field<?>, List<Placed<Object>>> items = new LinkedHashMap<>();
  private final List<Located<MacAddress>> macs = new ArrayList<>();
  private final Map<Field<?>, KdlNode> nodes = new LinkedHashMap<>();

  VmDraft(Path file, KdlNode node) {
    this.file = file;
    this.node = node;
  }

  /** One of several values of a field, and the node it stands in. */
  record Placed<T>(T value, KdlNode node) {}

  /** A value and where it stands. */
  record Located<T>(T value, KdlSpan span) {}

  /** Adds a value to those of a field that may be repeated. */
  void add(Field<?> field, Object value, KdlNode where) {
    List<Placed<Object>> all = items.computeIfAbsent(field, first -> new ArrayList<>());
    all.add(new Placed<>(value, where));
    values.putUnchecked(field, all.stream().map(Placed::value).toList());
  }

  /** The values of a field that may be repeated. */
  <T> List<Placed<T>> items(Field<?> field, Class<T> type) {
    return items.getOrDefault(field, List.of()).stream()
        .map(placed -> new Placed<>(type.cast(placed.value()), placed.node()))
        .toList();
  }

  /** Takes a node that is no field, if it is one of those that shape the VM as a whole. */
  boolean construct(KdlNode part) {
    String name = part.name().value();
    boolean known = name.equals(Construct.USE.name) || name.equals(Construct.REPLICAS.name);
    if (known) {
      constructs.add(part);
    }
    return known;
  }

  /**
   * Takes over what the base says and this does not. Of what may stand several times, the base's
   * come first; labels and variables are taken over one by one; an image here replaces each kind of
   * image there.
   */
  void inherit(VmDraft base) {
    Set<Field<?>> own = new HashSet<>(nodes.keySet());
    if (IMAGES.stream().anyMatch(own::contains)) {
      own.addAll(IMAGES);
    }
    inheritVariables(base);
    values.inherit(base.values, own);
    base.items.forEach(this::inheritItems);
    base.nodes.forEach(
        (field, where) -> {
          if (!own.contains(field)) {
            nodes.put(field, where);
          }
        });
    if (!own.contains(VmFields.NICS)) {
      macs.addAll(base.macs);
    }
    files.addAll(0, base.files.stream().filter(file -> !isReplaced(file, own)).toList());
  }

  private void inheritItems(Field<?> field, List<Placed<Object>> theirs) {
    List<Placed<Object>> all = new ArrayList<>(theirs);
    all.addAll(items.getOrDefault(field, List.of()));
    items.put(field, all);
    values.putUnchecked(field, all.stream().map(Placed::value).toList());
  }

  private void inheritVariables(VmDraft base) {
    List<EnvVariable> ours = values.get(VmFields.ENV);
    List<EnvVariable> theirs = base.values.get(VmFields.ENV);
    if (ours != null && theirs != null) {
      Map<String, EnvVariable> all = new LinkedHashMap<>();
      theirs.forEach(variable -> all.put(variable.name(), variable));
      ours.forEach(variable -> all.put(variable.name(), variable));
      values.put(VmFields.ENV, List.copyOf(all.values()));
    }
  }

  private static boolean isReplaced(DeclaredFile file, Set<Field<?>> own) {
    return own.stream()
        .filter(field -> !field.repeatable() && field != VmFields.ENV)
        .anyMatch(
            field ->
                file.field().equals(field.path()) || file.field().startsWith(field.path() + "."));
  }

  void addMac(MacAddress address, KdlSpan where) {
    macs.add(new Located<>(address, where));
  }

  List<Located<MacAddress>> macs() {
    return macs;
  }

  /** What the VM's cards are connected to, as far as that could be read. */
  List<NetworkSpec> networks() {
    NetworkSpec first =
        Objects.requireNonNullElseGet(values.get(VmFields.NETWORK), NetworkSpec.User::new);
    List<NicSpec> others = Objects.requireNonNullElse(values.get(VmFields.NICS), List.of());
    Stream<NetworkSpec> card =
        first instanceof NetworkSpec.Private
            ? Stream.of(new NetworkSpec.User(), first)
            : Stream.of(first);
    return Stream.concat(card, others.stream().map(NicSpec::network)).toList();
  }

  /** Notes where a field stands, whether or not its value is any good. */
  void place(Field<?> field, KdlNode where) {
    nodes.putIfAbsent(field, where);
  }

  /** Where a field stands; null when it is not declared. */
  @Nullable KdlNode nodeOf(Field<?> field) {
    return nodes.get(field);
  }

  Map<Field<?>, KdlNode> nodes() {
    return nodes;
  }

  void addFile(String field, Path path, boolean contentCounts, KdlSpan span) {
    files.add(new DeclaredFile(new Spot(file, span), field, path, contentCounts, false));
  }

  void addDirectory(String field, Path path, KdlSpan span) {
    files.add(new DeclaredFile(new Spot(file, span), field, path, false, true));
  }

  /** Where the name stands, or the node's own where there is none. */
  KdlSpan nameSpan() {
    return node.arguments().isEmpty() ? node.name().span() : node.arguments().getFirst().span();
  }

  /** The name as written, without quotes; empty where there is none. */
  String nameText() {
    return node.arguments().isEmpty() || !(node.arguments().getFirst() instanceof KdlString name)
        ? ""
        : name.value();
  }

  /** Whether a place lies in this node, and not in what it was taken over from. */
  boolean holds(KdlSpan span) {
    return span.start() >= node.span().start() && span.end() <= node.span().end();
  }
}
