package dev.vmctl.kdl;

import java.math.BigDecimal;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the one form that documents of the same meaning share: no comments, one node a line,
 * arguments before properties, properties sorted and without those that are overridden, words bare
 * where they can be. It is the form of the expected results in the official tests.
 */
final class CanonicalWriter {
  private static final String INDENTATION = "    ";

  private final KdlVersion version;
  private final StringBuilder out = new StringBuilder();

  CanonicalWriter(KdlVersion version) {
    this.version = version;
  }

  static String document(KdlDocument document) {
    CanonicalWriter writer = new CanonicalWriter(document.version());
    document.nodes().forEach(node -> writer.node(node, 0));
    return writer.out.isEmpty() ? "\n" : writer.out.toString();
  }

  /** A value with its type, as it is written in that version. */
  static String value(KdlValue value, KdlVersion version) {
    CanonicalWriter writer = new CanonicalWriter(version);
    writer.value(value);
    return writer.out.toString();
  }

  /** A node's name with its type. */
  static String name(@Nullable KdlString type, String name, KdlVersion version) {
    CanonicalWriter writer = new CanonicalWriter(version);
    writer.name(type, name);
    return writer.out.toString();
  }

  private void node(KdlNode node, int depth) {
    NodeParser.checkDepth(depth);
    out.repeat(INDENTATION, depth);
    name(node.type(), node.name().value());
    TreeMap<String, KdlValue> properties = new TreeMap<>();
    for (KdlEntry entry : node.entries()) {
      switch (entry) {
        case KdlProperty property -> properties.put(property.key().value(), property.value());
        case KdlValue value -> {
          out.append(' ');
          value(value);
        }
      }
    }
    properties.forEach(
        (key, value) -> {
          out.append(' ');
          name(null, key);
          out.append('=');
          value(value);
        });
    block(node, depth);
    out.append('\n');
  }

  private void block(KdlNode node, int depth) {
    List<KdlNode> children = node.children();
    boolean emptyCounts = version == KdlVersion.V1 && node.block() != null;
    if (children.isEmpty() && !emptyCounts) {
      return;
    }
    out.append(" {\n");
    children.forEach(child -> node(child, depth + 1));
    out.repeat(INDENTATION, depth).append('}');
  }

  private void name(@Nullable KdlString type, String name) {
    type(type);
    if (BareWords.canBeBare(name, version)) {
      out.append(name);
    } else {
      quoted(name);
    }
  }

  private void type(@Nullable KdlString type) {
    if (type != null) {
      out.append('(');
      name(null, type.value());
      out.append(')');
    }
  }

  private void value(KdlValue value) {
    type(value.type());
    boolean one = version == KdlVersion.V1;
    switch (value) {
      case KdlString string -> {
        if (one) {
          quoted(string.value());
        } else {
          name(null, string.value());
        }
      }
      case KdlInteger integer -> integer(integer);
      case KdlDecimal decimal -> out.append(decimal(decimal.value()));
      case KdlSpecial special -> special(special);
      case KdlBoolean bool -> out.append(one ? "" : "#").append(bool.value());
      case KdlNull _ -> out.append(one ? "null" : "#null");
    }
  }

  private void special(KdlSpecial special) {
    if (version == KdlVersion.V1) {
      throw new IllegalArgumentException("KDL 1 has no number " + special.kind().keyword());
    }
    out.append(special.kind().keyword());
  }

  private void integer(KdlInteger integer) {
    int radix = version == KdlVersion.V1 ? integer.radix() : 10;
    if (integer.value().signum() < 0) {
      out.append('-');
    }
    out.append(
            switch (radix) {
              case 2 -> "0b";
              case 8 -> "0o";
              case 16 -> "0x";
              default -> "";
            })
        .append(integer.value().abs().toString(radix));
  }

  /** As {@link BigDecimal#toString}, but never as an integer, which would be another value. */
  private static String decimal(BigDecimal value) {
    if (value.scale() != 0) {
      return value.toString();
    }
    String digits = value.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    String sign = value.signum() < 0 ? "-" : "";
    return sign + digits.charAt(0) + fraction + "E+" + (digits.length() - 1);
  }

  private void quoted(String text) {
    out.append('"');
    for (int at = 0; at < text.length(); ) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      character(codePoint);
    }
    out.append('"');
  }

  private void character(int codePoint) {
    if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      throw new IllegalArgumentException("half a surrogate pair cannot be written");
    }
    switch (codePoint) {
      case '"', '\\' -> out.append('\\').append((char) codePoint);
      case '/' -> out.append(version == KdlVersion.V1 ? "\\/" : "/");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (Characters.isDisallowed(codePoint) || Characters.isNewline(codePoint)) {
          out.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
        } else {
          out.appendCodePoint(codePoint);
        }
      }
    }
  }
}
