package dev.vmctl.model;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Declarations without what may be secret: the values of variables, and user, password and query of
 * URLs. What was withheld can be put back from a declaration that still has it.
 */
public final class Withheld {
  private static final String MARK = "withheld";

  private Withheld() {}

  /** The same declaration without secrets. */
  public static VmSpec from(VmSpec spec) {
    return map(spec, variable -> new EnvVariable(variable.name(), MARK, null), Withheld::from);
  }

  /**
   * The declaration, with its secrets as others have them.
   *
   * @param spec one without secrets
   * @param others where they may be, the best first
   * @param missing gets the names of those that no other has
   */
  public static VmSpec restored(VmSpec spec, List<VmSpec> others, Set<String> missing) {
    return map(
        spec,
        variable ->
            others.stream()
                .flatMap(Withheld::variables)
                .filter(each -> each.name().equals(variable.name()) && each.value() != null)
                .findFirst()
                .orElseGet(
                    () -> {
                      missing.add(variable.name());
                      return variable;
                    }),
        url ->
            others.stream()
                .flatMap(Withheld::urls)
                .filter(each -> from(each).equals(url))
                .findFirst()
                .orElseGet(
                    () -> {
                      if (url.endsWith("?" + MARK)) {
                        missing.add(url);
                      }
                      return url;
                    }));
  }

  /** Names of the variables whose values are not kept, sorted. */
  public static Set<String> names(VmSpec spec) {
    Set<String> names = new TreeSet<>();
    variables(spec).filter(each -> each.value() != null).forEach(each -> names.add(each.name()));
    return names;
  }

  /** A URL as it may be shown: without user, password and query. */
  public static String from(String url) {
    try {
      URI address = URI.create(url);
      if (address.getRawUserInfo() == null && address.getRawQuery() == null) {
        return url;
      }
      String port = address.getPort() < 0 ? "" : ":" + address.getPort();
      String path = Objects.requireNonNullElse(address.getRawPath(), "");
      return address.getScheme() + "://" + address.getHost() + port + path + "?" + MARK;
    } catch (IllegalArgumentException notOne) {
      return MARK + "?" + MARK;
    }
  }

  private static Stream<EnvVariable> variables(VmSpec spec) {
    return Stream.concat(
        spec.env().stream(),
        spec.provision().stream()
            .flatMap(
                step ->
                    switch (step) {
                      case ProvisionStep.Inline inline -> inline.env().stream();
                      case ProvisionStep.Script script -> script.env().stream();
                      case ProvisionStep.FileCopy copy -> Stream.empty();
                    }));
  }

  private static Stream<String> urls(VmSpec spec) {
    return Stream.concat(
        Optional.ofNullable(spec.imageUrl()).stream(),
        spec.disks().stream().flatMap(disk -> Optional.ofNullable(disk.imageUrl()).stream()));
  }

  /** Another value for each that may be secret. */
  private interface Values {
    EnvVariable of(EnvVariable variable);
  }

  /** Another for each URL. */
  private interface Urls {
    String of(String url);
  }

  private static VmSpec map(VmSpec spec, Values values, Urls urls) {
    FieldValues changed = new FieldValues();
    if (!spec.env().isEmpty()) {
      changed.put(VmFields.ENV, env(spec.env(), values));
    }
    if (!spec.provision().isEmpty()) {
      changed.put(
          VmFields.PROVISION, spec.provision().stream().map(step -> step(step, values)).toList());
    }
    if (spec.imageUrl() != null) {
      changed.put(VmFields.IMAGE_URL, urls.of(spec.imageUrl()));
    }
    if (!spec.disks().isEmpty()) {
      changed.put(VmFields.DISKS, spec.disks().stream().map(disk -> disk(disk, urls)).toList());
    }
    return spec.with(changed);
  }

  private static DiskSpec disk(DiskSpec disk, Urls urls) {
    @Nullable String url = disk.imageUrl();
    return url == null
        ? disk
        : new DiskSpec(disk.name(), disk.sizeBytes(), disk.image(), urls.of(url));
  }

  private static ProvisionStep step(ProvisionStep step, Values values) {
    return switch (step) {
      case ProvisionStep.Inline inline ->
          new ProvisionStep.Inline(inline.script(), env(inline.env(), values));
      case ProvisionStep.Script script ->
          new ProvisionStep.Script(script.script(), env(script.env(), values));
      case ProvisionStep.FileCopy copy -> copy;
    };
  }

  private static List<EnvVariable> env(List<EnvVariable> variables, Values values) {
    List<EnvVariable> mapped = new ArrayList<>();
    variables.forEach(
        variable -> mapped.add(variable.value() == null ? variable : values.of(variable)));
    return mapped;
  }
}
