package dev.vmctl.guest;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.AtomicFiles.Access;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes a VM's seed image and, with it, the keys and the pin that go into it. */
final class SeedWriter {
  private static final long MAX_USER_DATA = 16L << 20;

  private final KeyFiles keys;
  private final CloudConfig cloudConfig = new CloudConfig();

  SeedWriter(KeyFiles keys) {
    this.keys = keys;
  }

  Path write(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network) {
    CloudInitSpec declared = spec.cloudInit();
    Path rawUserData = declared == null ? null : declared.userData();
    OpenSshKeyPair hostKey = null;
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] userData;
    if (rawUserData != null) {
      userData = raw(rawUserData);
      // Untouched is untouched: what we have to say goes beside it.
      if (!network.hosts().isEmpty()) {
        files.put("vendor-data", cloudConfig.vendorData(network.hosts()));
      }
    } else {
      hostKey = hostKey(directory, spec);
      userData =
          cloudConfig.userData(spec, authorizedKeys(directory, spec), hostKey, network.hosts());
    }
    files.put("meta-data", cloudConfig.metaData(spec, instanceId));
    files.put("user-data", userData);
    if (!network.isUsual()) {
      files.put("network-config", cloudConfig.networkConfig(network.cards()));
    }
    Path seed = directory.resolve(Guests.SEED);
    replace(seed, image(files));
    knownHosts(directory, spec).prepare(instanceId, hostKey == null ? null : hostKey.publicKey());
    return seed;
  }

  private OpenSshKeyPair hostKey(Path directory, VmSpec spec) {
    return keys.existingOrNew(
        directory.resolve(Guests.HOST_KEY), SshTarget.hostKeyAlias(spec.name()));
  }

  private List<String> authorizedKeys(Path directory, VmSpec spec) {
    CloudInitSpec declared = spec.cloudInit();
    if (declared != null && declared.sshKey() != null) {
      return KeyFiles.declaredPublicKeys(declared.sshKey());
    }
    Path file = directory.resolve(Guests.CLIENT_KEY);
    return List.of(keys.existingOrNew(file, SshTarget.hostKeyAlias(spec.name())).publicLine());
  }

  private static KnownHosts knownHosts(Path directory, VmSpec spec) {
    return new KnownHosts(
        directory.resolve(Guests.KNOWN_HOSTS), SshTarget.hostKeyAlias(spec.name()));
  }

  private static byte[] raw(Path file) {
    try {
      if (Files.size(file) > MAX_USER_DATA) {
        throw new VmException(
            ErrorCode.CLOUD_INIT_SEED_FAILED,
            "the user-data file " + file + " is larger than " + (MAX_USER_DATA >> 20) + " MiB",
            "keep large files out of user-data: copy them with provision \"file\"");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw KeyFiles.unreadable("user-data", file, e);
    }
  }

  private static byte[] image(Map<String, byte[]> files) {
    try {
      return SeedImage.of(files);
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.CLOUD_INIT_SEED_FAILED,
          "cannot make the cloud-init seed image: " + e.getMessage(),
          "please report this together with the VMFile",
          e);
    }
  }

  /** A seed that is already right is left alone: no fsync on the way to a start. */
  private static void replace(Path seed, byte[] image) {
    if (!Arrays.equals(existing(seed), image)) {
      AtomicFiles.write(seed, image, Access.OWNER);
    }
  }

  private static byte @Nullable [] existing(Path seed) {
    try {
      return Files.readAllBytes(seed);
    } catch (IOException e) {
      return null; // not there, or not readable: writing it anew says what is wrong
    }
  }
}
