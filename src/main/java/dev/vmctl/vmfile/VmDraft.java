package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@code vm} node while it is read: the values so far, and where they stand. */
final class VmDraft {
  final KdlNode node;
  final FieldValues values = new FieldValues();
  final List<DeclaredFile> files = new ArrayList<>();
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
    return Stream.concat(Stream.of(first), others.stream().map(NicSpec::network)).toList();
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
}
