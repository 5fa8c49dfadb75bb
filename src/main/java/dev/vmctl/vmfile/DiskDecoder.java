package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads {@code disks} nodes. */
final class DiskDecoder {
  private static final String SIZED = "disk \"data\" size=10";
  private static final String IMAGED = "disk \"tools\" image=\"tools.qcow2\"";
  private static final String SIZE = "a plain number is GiB; a disk can grow, never shrink";
  private static final NamedParts.Kind KIND =
      new NamedParts.Kind(
          "disk",
          DiskSpec.MOST,
          DiskSpec::isName,
          "use 1 to 20 of a–z, 0–9 and hyphens, such as \"data\": the guest sees it as the disk's serial number",
          SIZED);

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final NamedParts named;
  private final ImageRules images;

  DiskDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.named = new NamedParts(findings, shape);
    this.images = new ImageRules(findings);
  }

  /** The disks; their images are added to the draft's files. */
  List<DiskSpec> decode(KdlNode node, VmDraft draft) {
    return named.decode(node, KIND, part -> disk(part, draft));
  }

  private Optional<DiskSpec> disk(KdlNode node, VmDraft draft) {
    String name = ((KdlString) node.arguments().getFirst()).value();
    Map<String, KdlNode> parts =
        shape.namedParts(
            node, "disk", List.of("size", "image", "image-url"), NodeShape::suggestion);
    KdlNode size = parts.get("size");
    KdlNode image = parts.get("image");
    KdlNode url = parts.get("image-url");
    if (size == null && image == null && url == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.arguments().getFirst().span(),
          "a disk needs a size, an image, or both",
          "write it like this: " + SIZED + ", or " + IMAGED);
      return Optional.empty();
    }
    boolean oneImage =
        images.isOne(
            Stream.of(image, url).filter(Objects::nonNull).map(Objects::requireNonNull).toList(),
            "a disk");
    Object bytes =
        size == null ? null : scalars.size(VmFields.DISK, size, Quantity.GIBIBYTE, 0, SIZED, SIZE);
    Path file = image == null ? null : scalars.path(image, IMAGED);
    if (file != null && image != null) {
      draft.addFile("disks.image", file, false, image.arguments().getFirst().span());
    }
    String address = url == null ? null : scalars.text(url, VmFields.IMAGE_URL.example());
    boolean good =
        (size == null || bytes != null)
            && (image == null || file != null)
            && (url == null || (address != null && images.isUrl(url, address)));
    return good && oneImage
        ? Optional.of(new DiskSpec(name, (Long) bytes, file, address))
        : Optional.empty();
  }
}
