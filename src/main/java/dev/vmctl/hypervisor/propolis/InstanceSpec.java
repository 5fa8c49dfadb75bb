package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;

/**
 * Writes the request that makes an instance. Pure: the same guest gives the same request.
 *
 * <p>Rules that the document does not have: there must be a com1 (the server panics without);
 * device and backend are two components under two keys, none of them a UUID; a PCI device is used
 * once, and 0.0.0, 0.1.0 and 0.1.3 are the chipset's; only disks are in the boot order.
 */
final class InstanceSpec {
  /** Bytes of a request that the server takes at most. */
  static final int LARGEST_REQUEST = 1 << 20;

  private static final int SECTOR = 512;
  private static final int NIC_SLOT = 8;
  private static final int ROOT_SLOT = 16;
  private static final int SEED_SLOT = 24;
  private static final String NIL = new UUID(0, 0).toString();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Guest guest;
  private final ApiVersion version;
  private final ObjectNode components = JSON.objectNode();

  private InstanceSpec(Guest guest, ApiVersion version) {
    this.guest = guest;
    this.version = version;
  }

  /**
   * Body of {@code PUT /instance}.
   *
   * @throws VmException propolis.seed_too_large when the seed does not fit into the request
   */
  static JsonNode request(Guest guest, ApiVersion version) {
    ObjectNode request = JSON.objectNode();
    InstanceSpec writer = new InstanceSpec(guest, version);
    request.set("properties", writer.properties());
    ObjectNode init = request.putObject("init");
    init.put("method", "Spec");
    init.putObject("value").set("spec", writer.spec());
    if (request.toString().getBytes(StandardCharsets.UTF_8).length > LARGEST_REQUEST) {
      throw seedTooLarge(guest);
    }
    return request;
  }

  private static VmException seedTooLarge(Guest guest) {
    long bytes = guest.seed() instanceof Guest.Seed.Blob(byte[] seed) ? seed.length : 0;
    return new VmException(
        ErrorCode.PROPOLIS_SEED_TOO_LARGE,
        "the cloud-init seed of "
            + guest.name()
            + " has "
            + bytes
            + " bytes, too many for a request to propolis-server (1 MiB in base64)",
        "make its user-data smaller, or set VMCTL_PROPOLIS_SEED=file");
  }

  /** Whether a seed of so many bytes may go into a request with room for everything else. */
  static boolean fitsIntoRequest(long seedBytes) {
    long besides = 16 << 10;
    return (seedBytes + 2) / 3 * 4 <= LARGEST_REQUEST - besides;
  }

  private ObjectNode properties() {
    ObjectNode properties = JSON.objectNode();
    properties.put("id", guest.id().toString());
    properties.put("name", guest.name());
    properties.put("description", "managed by vmctl");
    ObjectNode metadata = properties.putObject("metadata");
    metadata.put("silo_id", NIL);
    metadata.put("project_id", NIL);
    metadata.put("sled_id", NIL);
    metadata.put("sled_serial", guest.host());
    metadata.put("sled_model", "generic");
    metadata.put("sled_revision", 0);
    return properties;
  }

  private ObjectNode spec() {
    ObjectNode spec = JSON.objectNode();
    ObjectNode board = spec.putObject("board");
    board.put("cpus", guest.vcpus());
    board.put("memory_mb", guest.memoryMb());
    ObjectNode chipset = board.putObject("chipset");
    chipset.put("type", "i440_fx");
    chipset.putObject("value").put("enable_pcie", false);
    component("com1", "serial_port").put("num", "com1");
    component("pvpanic", "qemu_pvpanic").put("enable_isa", true);
    root();
    seed();
    network();
    spec.set("components", components);
    if (version.hasSmbios()) {
      ObjectNode smbios = spec.putObject("smbios");
      smbios.put("manufacturer", "vmctl");
      smbios.put("product_name", "vmctl VM");
      smbios.put("serial_number", guest.id().toString());
      smbios.put("version", 1);
    }
    return spec;
  }

  private void root() {
    disk("root", ROOT_SLOT);
    file("root", guest.disk().toString(), false);
    component("boot", "boot_settings").putArray("order").addObject().put("id", "root");
  }

  private void seed() {
    switch (guest.seed()) {
      case null -> {}
      case Guest.Seed.Blob(byte[] bytes) -> {
        requireSectors(bytes);
        disk("seed", SEED_SLOT);
        ObjectNode blob = component(backend("seed"), "blob_storage_backend");
        blob.put("base64", Base64.getEncoder().encodeToString(bytes));
        blob.put("readonly", true);
      }
      case Guest.Seed.InFile file -> {
        disk("seed", SEED_SLOT);
        file("seed", file.path().toString(), true);
      }
    }
  }

  private static void requireSectors(byte[] seed) {
    if (seed.length == 0 || seed.length % SECTOR != 0) {
      throw new IllegalArgumentException("a seed of " + seed.length + " bytes is no whole disk");
    }
  }

  private void network() {
    String nic = guest.nic();
    if (nic == null) {
      return;
    }
    ObjectNode card = component("net0", "virtio_nic");
    card.put("backend_id", backend("net0"));
    // Correlates statistics only; it must be a UUID, and the VM's own is as good as any.
    card.put("interface_id", guest.id().toString());
    pci(card, NIC_SLOT);
    component(backend("net0"), "virtio_network_backend").put("vnic_name", nic);
  }

  private void disk(String key, int slot) {
    ObjectNode disk = component(key, "virtio_disk");
    disk.put("backend_id", backend(key));
    pci(disk, slot);
  }

  private void file(String key, String path, boolean readOnly) {
    ObjectNode file = component(backend(key), "file_storage_backend");
    file.put("path", path);
    file.put("readonly", readOnly);
    file.put("block_size", SECTOR);
  }

  private static void pci(ObjectNode device, int slot) {
    device.putObject("pci_path").put("bus", 0).put("device", slot).put("function", 0);
  }

  private static String backend(String key) {
    return key + "-backend";
  }

  private ObjectNode component(String key, String type) {
    ObjectNode component = components.putObject(key);
    component.put("type", type);
    return component.putObject("component");
  }
}
