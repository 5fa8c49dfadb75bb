package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ProvisionStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code vm} node while it is read: the values so far, and where they stand. */
final class VmDraft {
  final KdlNode node;
  final FieldValues values = new FieldValues();
  final List<ProvisionStep> steps = new ArrayList<>();
  final List<DeclaredFile> files = new ArrayList<>();
  private final Path file;
  private final Map<Field<?>, KdlNode> nodes = new LinkedHashMap<>();

  VmDraft(Path file, KdlNode node) {
    this.file = file;
    this.node = node;
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
    files.add(new DeclaredFile(new Spot(file, span), field, path, contentCounts));
  }

  /** Where the name stands, or the node's own where there is none. */
  KdlSpan nameSpan() {
    return node.arguments().isEmpty() ? node.name().span() : node.arguments().getFirst().span();
  }
}
