package dev.vmctl.hypervisor.propolis;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * @param host name of this host
 * @param apiVersion version of the API that is spoken
 * @param seed how cloud-init seeds get to the server
 * @param home directory with {@code propolis-server} and the boot ROM; zones see it read-only at
 *     the same place
 * @param bootRom UEFI firmware in it
 * @param brand of the zones
 * @param zones directory they live in
 * @param controlLink link of the network by which servers are reached: a switch of this host, as
 *     nobody else should be on it
 * @param control that network
 * @param port of every server, at its own address
 * @param guestLink link of the VNICs that are made for guests
 * @param answer how long a server may take to answer
 * @param start how long it may take from the zone's boot to a running guest
 * @param end how long it may take to end a guest
 */
public record PropolisSettings(
    String host,
    ApiVersion apiVersion,
    SeedWay seed,
    Path home,
    Path bootRom,
    String brand,
    Path zones,
    String controlLink,
    ControlNet control,
    int port,
    String guestLink,
    Duration answer,
    Duration start,
    Duration end) {
  private static final String PREFIX = "VMCTL_PROPOLIS_";

  /** How a seed gets to the server. */
  public enum SeedWay {
    /** In the request if it fits, else in a file. */
    AUTO,
    /** In the request, or not at all. */
    BLOB,
    /** In a file that the zone sees. */
    FILE
  }

  public PropolisSettings {
    Objects.requireNonNull(host);
    Objects.requireNonNull(seed);
    if (!bootRom.startsWith(home)) {
      throw new IllegalArgumentException("the zones do not see " + bootRom);
    }
  }

  /**
   * What environment variables say, else what the installation notes make.
   *
   * @throws VmException usage when a variable makes no sense
   */
  public static PropolisSettings of(String host, Map<String, String> environment) {
    Path home = value(environment, "HOME", "/opt/vmctl/propolis", Path::of);
    return new PropolisSettings(
        host,
        value(environment, "API_VERSION", ApiVersion.DEFAULT.toString(), ApiVersion::parse),
        value(environment, "SEED", "auto", PropolisSettings::seedWay),
        home,
        home.resolve("OVMF_CODE.fd"),
        value(environment, "BRAND", "vmctl", Function.identity()),
        value(environment, "ZONES", "/zones/vmctl", Path::of),
        value(environment, "CONTROL_LINK", "vmctl0", Function.identity()),
        value(environment, "CONTROL_NET", "10.88.0.0/16", ControlNet::parse),
        12_400,
        value(environment, "LINK", "net0", Function.identity()),
        Duration.ofSeconds(3),
        Duration.ofSeconds(60),
        Duration.ofSeconds(15));
  }

  private static SeedWay seedWay(String text) {
    return Arrays.stream(SeedWay.values())
        .filter(way -> way.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + text
                        + "' is none of "
                        + Arrays.stream(SeedWay.values())
                            .map(way -> way.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))));
  }

  private static <T> T value(
      Map<String, String> environment, String name, String usual, Function<String, T> parse) {
    String text = environment.getOrDefault(PREFIX + name, usual);
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new VmException(
          ErrorCode.USAGE,
          PREFIX + name + ": " + e.getMessage(),
          "correct it, or unset it: the usual value is " + usual,
          e);
    }
  }
}
