package dev.vmctl.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sources that were added by commands, in one file, which survives daemons and boots. */
public final class AddedSources {
  private final Path file;

  public AddedSources(DataDirectory data) {
    this.file = data.addedSources();
  }

  /**
   * One that was added.
   *
   * @param source null when what is written of it cannot be understood
   * @param problem why it cannot be; else empty
   */
  public record Entry(String name, @Nullable AddedSource source, String problem) {}

  public Path file() {
    return file;
  }

  /**
   * In the order they were added. One that cannot be understood hides no other.
   *
   * @throws VmException io, store.corrupt when nothing of the file can be told
   */
  public synchronized List<Entry> read() {
    List<Entry> all = new ArrayList<>();
    entries().forEach(each -> all.add(entry(each)));
    return all;
  }

  private Entry entry(JsonNode written) {
    try {
      AddedSource source = Json.mapper().treeToValue(written, AddedSource.class);
      return source == null
          ? new Entry("", null, "it says nothing")
          : new Entry(source.name(), source, "");
    } catch (JacksonException e) {
      return new Entry(name(written), null, e.getOriginalMessage());
    }
  }

  private static String name(JsonNode written) {
    return written.path("name").asText();
  }

  public synchronized void add(AddedSource source) {
    write(entries().add(Json.mapper().<JsonNode>valueToTree(source)));
  }

  public synchronized void remove(String name) {
    ArrayNode all = entries();
    for (Iterator<JsonNode> each = all.iterator(); each.hasNext(); ) {
      if (name(each.next()).equals(name)) {
        each.remove();
      }
    }
    write(all);
  }

  private ArrayNode entries() {
    try {
      if (Json.mapper().readTree(Files.readAllBytes(file)) instanceof ArrayNode all) {
        return all;
      }
      throw corrupt("it is no list", null);
    } catch (NoSuchFileException none) {
      return Json.mapper().createArrayNode();
    } catch (JacksonException e) {
      throw corrupt("line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private VmException corrupt(String why, @Nullable Exception cause) {
    return new VmException(
        ErrorCode.STORE_CORRUPT,
        "cannot understand " + file + ": " + why,
        "mend it; or move it away, and add its sources again: their VMs stay as they are",
        cause);
  }

  private void write(ArrayNode all) {
    try {
      AtomicFiles.write(
          file,
          Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all),
          AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }
}
