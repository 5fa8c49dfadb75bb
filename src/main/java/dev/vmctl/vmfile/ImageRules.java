package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.model.VmFields;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** What {@code image} and {@code image-url} must be like, wherever they stand. */
final class ImageRules {
  private static final List<String> SCHEMES = List.of("https://", "http://", "oci://");
  private static final Pattern ADDRESS = Pattern.compile("[^\\s/?#]+(/\\S*)?");

  private final Findings findings;

  ImageRules(Findings findings) {
    this.findings = findings;
  }

  /**
   * Whether there is one at most; otherwise that is reported.
   *
   * @param owner what has them, such as "a VM"
   */
  boolean isOne(List<KdlNode> images, String owner) {
    List<KdlNode> inOrder =
        images.stream().sorted(Comparator.comparingInt(node -> node.span().start())).toList();
    for (KdlNode further : inOrder.stream().skip(1).toList()) {
      findings.add(
          VmFileCode.CONFLICT,
          further.name().span(),
          owner
              + " has one image: "
              + NodeShape.name(inOrder.getFirst())
              + " or "
              + NodeShape.name(further)
              + ", not both",
          "remove one of the two",
          inOrder.getFirst().name().span(),
          "the other one");
    }
    return inOrder.size() < 2;
  }

  /** Whether a text is the URL of an image; if not, that is reported. */
  boolean isUrl(KdlNode node, String url) {
    String help = "write it like this: " + VmFields.IMAGE_URL.example();
    for (String scheme : SCHEMES) {
      if (url.startsWith(scheme)) {
        boolean whole = ADDRESS.matcher(url.substring(scheme.length())).matches();
        return whole || report(node, Quoted.of(url) + " is not a whole URL", help);
      }
    }
    boolean remote = url.contains("://") && !url.startsWith("file:");
    return report(
        node,
        Quoted.of(url) + " does not begin with https://, http:// or oci://",
        remote ? help : "for a file of this host: image \"path\"");
  }

  private boolean report(KdlNode node, String message, String help) {
    findings.add(VmFileCode.INVALID_VALUE, node.arguments().getFirst().span(), message, help);
    return false;
  }
}
