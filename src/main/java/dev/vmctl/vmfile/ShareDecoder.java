package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.ShareSpec.Via;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code share} nodes, with their parts as properties or in braces. */
final class ShareDecoder {
  private static final String EXAMPLE = "share \"./site\" at=\"/srv/site\"";

  /** Absolute, and no name in it leads back up. */
  private static final Pattern IN_GUEST = Pattern.compile("(/(?!\\.{1,2}(/|$))[^/]+)+");

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  ShareDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  /** The share; its directory is added to the draft's files. */
  @Nullable ShareSpec decode(KdlNode node, VmDraft draft) {
    KdlValue value = shape.firstArgument(node, "a directory of this host", EXAMPLE);
    Map<String, KdlNode> parts =
        shape.namedParts(
            node, "'share'", NodeShape.names(VmFields.SHARE, ""), NodeShape::suggestion);
    KdlNode at = parts.get("at");
    if (at == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.name().span(),
          "a share needs a place in the guest",
          "write it like this: " + EXAMPLE);
    }
    Path host = value == null ? null : directory(node, value, draft);
    String guest = at == null ? null : inGuest(at);
    Boolean readOnly = readOnly(parts.get("read-only"));
    Via via = via(parts.get("via"));
    return host == null || guest == null || readOnly == null || via == null
        ? null
        : new ShareSpec(host, guest, readOnly, via);
  }

  private @Nullable Path directory(KdlNode node, KdlValue value, VmDraft draft) {
    if (!(value instanceof KdlString)) {
      faults.wrongType(node, value, Faults.TEXT, EXAMPLE);
      return null;
    }
    // The parts have been looked at: what is left is a node with a path and nothing else.
    Path path = scalars.path(node.withEntries(List.of(value)).withBlock(null), EXAMPLE);
    if (path != null) {
      draft.addDirectory("share", path, value.span());
    }
    return path;
  }

  private @Nullable String inGuest(KdlNode at) {
    String path = scalars.text(at, EXAMPLE);
    if (path == null || IN_GUEST.matcher(path).matches()) {
      return path;
    }
    faults.invalid(
        at.arguments().getFirst(),
        Quoted.of(path) + " is no place in the guest",
        "begin at its root, without '..' or a slash at the end: at=\"/srv/site\"");
    return null;
  }

  private @Nullable Boolean readOnly(@Nullable KdlNode part) {
    return part == null ? Boolean.FALSE : scalars.flag(part, "read-only=#true");
  }

  private @Nullable Via via(@Nullable KdlNode part) {
    String word = part == null ? Via.AUTO.text() : scalars.text(part, "via \"virtiofs\"");
    if (part == null || word == null) {
      return part == null ? Via.AUTO : null;
    }
    for (Via via : Via.values()) {
      if (via.text().equals(word)) {
        return via;
      }
    }
    faults.unknownChoice(part, word, Arrays.stream(Via.values()).map(Via::text).toList());
    return null;
  }
}
