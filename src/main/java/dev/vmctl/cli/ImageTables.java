package dev.vmctl.cli;

import dev.vmctl.api.ImageFile;
import dev.vmctl.api.ImageView;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Images as text for people. */
final class ImageTables {
  private static final int SHORT_DIGEST = 12;
  private static final String PREFIX = "sha256:";

  private ImageTables() {}

  static TableText list(List<ImageView> images, boolean wide) {
    List<String> heading =
        new ArrayList<>(
            List.of("DIGEST", "NAME", "FORMAT", "SIZE MB", "STORED MB", "SINCE", "USED"));
    if (wide) {
      heading.addAll(List.of("USED BY", "SOURCES"));
    }
    TableText table = new TableText(heading.toArray(String[]::new));
    for (ImageView image : images) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  image.digest().substring(PREFIX.length(), PREFIX.length() + SHORT_DIGEST),
                  orDash(image.names()),
                  image.format(),
                  megabytes(image.virtualSizeBytes()),
                  megabytes(image.storedBytes()),
                  EventsCommand.seconds(image.importedAt()),
                  image.usedBy().isEmpty() ? "no" : "yes"));
      if (wide) {
        row.addAll(List.of(orDash(image.usedBy()), orDash(image.sources())));
      }
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  static String facts(ImageView image) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("digest", image.digest());
    facts.put("names", orDash(image.names()));
    facts.put("format", image.format());
    facts.put("virtual size", image.virtualSizeBytes() + " bytes");
    facts.put("file size", image.fileBytes() + " bytes");
    facts.put("stored", image.storedBytes() + " bytes");
    facts.put("path", image.path());
    facts.put("sources", orDash(image.sources()));
    facts.put("since", EventsCommand.seconds(image.importedAt()));
    facts.put("used by", orDash(image.usedBy()));
    return text(facts);
  }

  static String facts(ImageFile file) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("path", file.path());
    facts.put("format", file.format());
    facts.put("virtual size", file.virtualSizeBytes() + " bytes");
    facts.put("file size", file.fileBytes() + " bytes");
    return text(facts);
  }

  private static String text(Map<String, String> facts) {
    StringBuilder text = new StringBuilder();
    facts.forEach((key, value) -> text.append(String.format("%-13s %s%n", key + ":", value)));
    return text.toString();
  }

  /**
   * @throws VmException image.not_found
   */
  static ImageView find(List<ImageView> images, String reference) {
    String hex = reference.startsWith(PREFIX) ? reference.substring(PREFIX.length()) : reference;
    return images.stream()
        .filter(
            image ->
                image.names().contains(reference)
                    || image.sources().contains(reference)
                    || (hex.length() >= 6
                        && image.digest().substring(PREFIX.length()).startsWith(hex)))
        .findFirst()
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "there is no image '" + reference + "', neither a file nor in the cache",
                    "see 'vmctl image list'"));
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
  }

  private static String orDash(List<String> words) {
    return words.isEmpty() ? "-" : String.join(", ", words);
  }
}
