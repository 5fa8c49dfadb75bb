package dev.vmctl.api.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vmctl.api.VmSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer to {@code list} token by token. What it reads is what {@code Json.mapper()}
 * would read, which a test compares; but preparing the mapper for this one record takes longer than
 * all the rest of a {@code vmctl list}.
 */
final class SummaryReader {
  private @Nullable String name;
  private @Nullable String state;
  private boolean ready;
  private @Nullable String backend;
  private int vcpus;
  private long memoryMb;
  private @Nullable String network;
  private @Nullable Long pid;
  private @Nullable Integer sshPort;
  private @Nullable String source;
  private boolean supervised;
  private final Map<String, String> labels = new TreeMap<>();
  private @Nullable String address;
  private @Nullable Long pinned;
  private boolean outOfSync;

  private SummaryReader() {}

  /**
   * @throws IOException if this is not a list of summaries
   */
  static List<VmSummary> read(byte[] json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      require(parser, parser.nextToken(), JsonToken.START_ARRAY);
      List<VmSummary> all = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        require(parser, parser.currentToken(), JsonToken.START_OBJECT);
        all.add(new SummaryReader().summary(parser));
      }
      return all;
    }
  }

  private VmSummary summary(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      require(parser, parser.currentToken(), JsonToken.FIELD_NAME);
      String field = parser.currentName();
      parser.nextToken();
      keep(field, parser);
    }
    return new VmSummary(
        given(parser, "name", name),
        given(parser, "state", state),
        ready,
        given(parser, "backend", backend),
        vcpus,
        memoryMb,
        given(parser, "network", network),
        pid,
        sshPort,
        given(parser, "source", source),
        supervised,
        labels,
        address,
        pinned,
        outOfSync);
  }

  private void keep(String field, JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    switch (field) {
      case "name" -> name = text(parser);
      case "state" -> state = text(parser);
      case "ready" -> ready = parser.getBooleanValue();
      case "backend" -> backend = text(parser);
      case "vcpus" -> vcpus = parser.getIntValue();
      case "memoryMb" -> memoryMb = parser.getLongValue();
      case "network" -> network = text(parser);
      case "pid" -> pid = parser.getLongValue();
      case "sshPort" -> sshPort = parser.getIntValue();
      case "source" -> source = text(parser);
      case "supervised" -> supervised = parser.getBooleanValue();
      case "labels" -> labels(parser);
      case "address" -> address = text(parser);
      case "pinned" -> pinned = parser.getLongValue();
      case "outOfSync" -> outOfSync = parser.getBooleanValue();
      default -> parser.skipChildren(); // A newer daemon says more.
    }
  }

  private void labels(JsonParser parser) throws IOException {
    require(parser, parser.currentToken(), JsonToken.START_OBJECT);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String label = parser.currentName();
      parser.nextToken();
      labels.put(label, text(parser));
    }
  }

  private static String text(JsonParser parser) throws IOException {
    require(parser, parser.currentToken(), JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private static String given(JsonParser parser, String field, @Nullable String value)
      throws IOException {
    if (value == null) {
      throw new IOException("a VM without '" + field + "' before " + parser.currentLocation());
    }
    return value;
  }

  private static void require(JsonParser parser, @Nullable JsonToken found, JsonToken wanted)
      throws IOException {
    if (found != wanted) {
      throw new IOException(found + " instead of " + wanted + " at " + parser.currentLocation());
    }
  }
}
