package dev.vmctl.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the original vmctl has written down of its VMs. Read only: the file is not ours. */
public final class OriginalVms {
  private final Path file;

  private OriginalVms(Path file) {
    this.file = file;
  }

  /**
   * @param file its {@code vms.json}; need not exist
   */
  public static OriginalVms of(Path file) {
    return new OriginalVms(file);
  }

  public static OriginalVms in(DataDirectory data) {
    return of(data.original());
  }

  /**
   * Whether it has a VM of this name: not one whose disk is gone, as that of a VM that was adopted
   * and is destroyed.
   *
   * @throws VmException store.corrupt when that cannot be told
   */
  boolean isNamed(VmName name) {
    if (!Files.exists(file)) {
      return false;
    }
    JsonNode vm = tree().path(name.value());
    String disk = vm.path("overlay_path").asText("");
    return !vm.isMissingNode() && (disk.isEmpty() || Files.exists(Path.of(disk)));
  }

  /** The names of its VMs, as it spells them. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    tree().fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * @throws VmException vm.not_found; store.corrupt
   */
  public OriginalVm vm(String name) {
    JsonNode vm = tree().path(name);
    if (vm.isMissingNode()) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND,
          file + " has no VM '" + name + "'",
          "it has these: " + String.join(", ", names()));
    }
    try {
      return Json.mapper().treeToValue(vm, OriginalVm.class);
    } catch (IOException | RuntimeException e) {
      throw corrupt(e);
    }
  }

  private JsonNode tree() {
    try {
      JsonNode tree = Json.mapper().readTree(Files.readAllBytes(file));
      if (!tree.isObject()) {
        throw corrupt(new IOException("it is no JSON object"));
      }
      return tree;
    } catch (NoSuchFileException e) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND,
          "the original vmctl has no VMs here: there is no " + file,
          "name its vms.json: --original --from PATH");
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  private VmException corrupt(Exception e) {
    return new VmException(
        ErrorCode.STORE_CORRUPT,
        "cannot understand "
            + file
            + ": "
            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
        "it is the original vmctl's, and left as it is; restore it from a backup, or move it away",
        e);
  }
}
