package dev.vmctl.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator.Feature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The texts of a NoCloud seed. Always through a YAML writer: names and keys are user's input. */
final class CloudConfig {
  private static final String ROOT = "root";
  private static final int FIRST_METRIC = 100;

  /** One user with these keys and sudo, password login off, our host key, a root that grows. */
  byte[] userData(
      VmSpec spec,
      List<String> authorizedKeys,
      OpenSshKeyPair hostKey,
      List<SeedNetwork.Host> hosts) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("hostname", spec.hostname());
    // Or sudo would complain, on every call, that it cannot resolve the guest's own name.
    config.put("manage_etc_hosts", "localhost");
    config.put("users", List.of(user(spec.user(), authorizedKeys)));
    config.put("ssh_pwauth", false);
    config.put("disable_root", !spec.user().equals(ROOT));
    config.put(
        "ssh_keys",
        mapOf("ed25519_private", hostKey.privateText(), "ed25519_public", hostKey.publicLine()));
    config.put("growpart", mapOf("mode", "auto", "devices", List.of("/")));
    config.put("resize_rootfs", true);
    List<List<String>> bootCommands = new ArrayList<>();
    if (!hosts.isEmpty()) {
      bootCommands.add(knowHosts(hosts));
    }
    bootCommands.addAll(
        ShareMounts.bootCommands(
            spec.shares().stream().map(ShareSpec::guest).toList(),
            spec.shares().stream().map(ShareSpec::readOnly).toList()));
    if (!bootCommands.isEmpty()) {
      config.put("bootcmd", bootCommands);
    }
    return text(config);
  }

  /** For a guest whose user-data is not ours to change; its own bootcmd goes before this. */
  byte[] vendorData(List<SeedNetwork.Host> hosts) {
    return text(Map.of("bootcmd", List.of(knowHosts(hosts))));
  }

  /** At each boot, as those whom a guest should know come and go; others' lines stay. */
  private static List<String> knowHosts(List<SeedNetwork.Host> hosts) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "sed -i '/ # vmctl$/d' /etc/hosts; printf '%s # vmctl\\n' \"$@\" >>/etc/hosts",
                "sh"));
    hosts.forEach(host -> command.add(host.address() + " " + host.names()));
    return command;
  }

  private byte[] text(Map<String, Object> config) {
    return ("#cloud-config\n" + write(config)).getBytes(StandardCharsets.UTF_8);
  }

  byte[] metaData(VmSpec spec, UUID instanceId) {
    return write(mapOf("instance-id", instanceId.toString(), "local-hostname", spec.hostname()))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Cards without an address ask for one; routes of the first go before those of the others. */
  byte[] networkConfig(List<SeedNetwork.Card> cards) {
    Map<String, Object> ethernets = new LinkedHashMap<>();
    for (SeedNetwork.Card each : cards) {
      int number = ethernets.size();
      Map<String, Object> card = new LinkedHashMap<>();
      card.put("match", Map.of("macaddress", each.mac().value()));
      if (each.address() == null) {
        card.put("dhcp4", true);
        card.put("dhcp4-overrides", Map.of("route-metric", FIRST_METRIC * (number + 1)));
      } else {
        card.put("addresses", List.of(each.address()));
      }
      // Nobody waits at boot for a network without a DHCP server.
      card.put("optional", number > 0);
      ethernets.put("card" + number, card);
    }
    return write(mapOf("version", 2, "ethernets", ethernets)).getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> user(String name, List<String> authorizedKeys) {
    Map<String, Object> user = new LinkedHashMap<>();
    user.put("name", name);
    if (!name.equals(ROOT)) {
      user.put("sudo", "ALL=(ALL) NOPASSWD:ALL");
      user.put("shell", "/bin/bash");
    }
    user.put("lock_passwd", true);
    user.put("ssh_authorized_keys", authorizedKeys);
    return user;
  }

  private static Map<String, Object> mapOf(
      String key, Object value, String otherKey, Object otherValue) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(key, value);
    map.put(otherKey, otherValue);
    return map;
  }

  private String write(Object document) {
    try {
      return yaml().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings and lists are always YAML", e);
    }
  }

  /**
   * Made when it is needed: most commands write no seed, and it takes them longer than their work.
   */
  private static YAMLMapper yaml() {
    return new YAMLMapper(
        YAMLFactory.builder()
            .disable(Feature.WRITE_DOC_START_MARKER)
            .disable(Feature.SPLIT_LINES)
            .enable(Feature.LITERAL_BLOCK_STYLE)
            .build());
  }
}
