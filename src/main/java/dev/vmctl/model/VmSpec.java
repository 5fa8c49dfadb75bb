package dev.vmctl.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was declared of one VM. A null component was not declared: its default ({@link VmFields}) is
 * resolved when the VM is created and kept from then on, so that a later default changes nothing.
 * All paths are absolute.
 *
 * @param backend which hypervisor; the host's own when absent
 * @param image local base image; exactly one of this, {@code imageUrl} and {@code imageBuild},
 *     except for a VM of the noop backend
 * @param imageUrl base image to download
 * @param imageBuild what builds the base image: a program, or a directory with one
 * @param imageSha256 what the image must have: its digest, or the URL of a list of digests
 * @param vcpus number of virtual processors, at least 1
 * @param vcpusMax up to how many it can be given while it runs
 * @param memoryMb memory in MiB, at least 1
 * @param memoryMaxMb up to how much it can be given while it runs, MiB
 * @param diskBytes size of the root disk in bytes; the image's own size when absent
 * @param machine machine type; unversioned ones are resolved to a versioned one at creation
 * @param cpu CPU model
 * @param kernel kernel for direct boot
 * @param initrd initial RAM disk for direct boot
 * @param cmdline kernel command line for direct boot
 * @param disks beside the root disk
 * @param nics beside the first card, which {@code network} describes
 * @param labels in the order of their names
 * @param env for every provision step
 * @param hosts names of the hosts it is meant for, with {@code *} and {@code ?}; none for every
 *     host
 * @param policy how it is looked after
 */
public record VmSpec(
    VmName name,
    @Nullable BackendTag backend,
    @Nullable Path image,
    @Nullable String imageUrl,
    @Nullable Path imageBuild,
    @Nullable String imageSha256,
    @Nullable Integer vcpus,
    @Nullable Integer vcpusMax,
    @Nullable Long memoryMb,
    @Nullable Long memoryMaxMb,
    @Nullable Long diskBytes,
    @Nullable NetworkSpec network,
    @Nullable Accel accel,
    @Nullable String machine,
    @Nullable String cpu,
    @Nullable Boolean uefi,
    @Nullable Boolean secureBoot,
    @Nullable Boolean tpm,
    @Nullable Path kernel,
    @Nullable Path initrd,
    @Nullable String cmdline,
    @Nullable CloudInitSpec cloudInit,
    @Nullable SshSpec ssh,
    List<ProvisionStep> provision,
    List<DiskSpec> disks,
    List<NicSpec> nics,
    List<ForwardSpec> forwards,
    List<ShareSpec> shares,
    Map<String, String> labels,
    List<EnvVariable> env,
    List<String> hosts,
    PolicySpec policy) {
  private static final UUID NOBODY = new UUID(0, 0);

  public VmSpec {
    Objects.requireNonNull(name);
    provision = copy(provision);
    disks = copy(disks);
    nics = copy(nics);
    forwards = copy(forwards);
    shares = copy(shares);
    labels = sorted(labels);
    env = copy(env);
    policy = policy == null ? PolicySpec.NONE : policy;
    hosts = copy(hosts);
  }

  /** A record of an earlier version has no such list. */
  private static <T> List<T> copy(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  private static Map<String, String> sorted(@Nullable Map<String, String> map) {
    return Collections.unmodifiableMap(map == null ? new TreeMap<>() : new TreeMap<>(map));
  }

  /** The spec a {@code vm} node with these field values declares. */
  public static VmSpec of(VmName name, FieldValues values) {
    return new VmSpec(
        name,
        values.get(VmFields.BACKEND),
        values.get(VmFields.IMAGE),
        values.get(VmFields.IMAGE_URL),
        values.get(VmFields.IMAGE_BUILD),
        values.get(VmFields.IMAGE_SHA256),
        values.get(VmFields.VCPUS),
        values.get(VmFields.VCPUS_MAX),
        values.get(VmFields.MEMORY),
        values.get(VmFields.MEMORY_MAX),
        values.get(VmFields.DISK),
        values.get(VmFields.NETWORK),
        values.get(VmFields.ACCEL),
        values.get(VmFields.MACHINE),
        values.get(VmFields.CPU),
        values.get(VmFields.UEFI),
        values.get(VmFields.SECURE_BOOT),
        values.get(VmFields.TPM),
        values.get(VmFields.KERNEL),
        values.get(VmFields.INITRD),
        values.get(VmFields.CMDLINE),
        cloudInit(values),
        ssh(values),
        Objects.requireNonNullElse(values.get(VmFields.PROVISION), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.DISKS), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.NICS), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.FORWARD), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.SHARE), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.LABELS), Map.of()),
        Objects.requireNonNullElse(values.get(VmFields.ENV), List.of()),
        Objects.requireNonNullElse(values.get(VmFields.HOSTS), List.of()),
        PolicySpec.of(values));
  }

  private static @Nullable CloudInitSpec cloudInit(FieldValues values) {
    CloudInitSpec spec =
        new CloudInitSpec(
            values.get(VmFields.CLOUD_INIT_HOSTNAME),
            values.get(VmFields.CLOUD_INIT_SSH_KEY),
            values.get(VmFields.CLOUD_INIT_USER_DATA));
    return spec.equals(new CloudInitSpec(null, null, null)) ? null : spec;
  }

  private static @Nullable SshSpec ssh(FieldValues values) {
    SshSpec spec = new SshSpec(values.get(VmFields.SSH_USER), values.get(VmFields.SSH_PRIVATE_KEY));
    return spec.equals(new SshSpec(null, null)) ? null : spec;
  }

  /** The same spec, waiting for other VMs. */
  public VmSpec waitingFor(List<Dependency> others) {
    FieldValues values = values(this, Set.of());
    values.put(PolicyFields.DEPENDS_ON, others);
    return of(name, values);
  }

  /** The same spec, with these fields as the other declares them, or does not. */
  public VmSpec with(Set<Field<?>> fields, VmSpec other) {
    if (fields.isEmpty()) {
      return this;
    }
    FieldValues values = values(this, fields);
    for (Field<?> field : fields) {
      Object value = field.of(other);
      if (value != null) {
        values.putUnchecked(field, value);
      }
    }
    return of(name, values);
  }

  /** The same spec, with these values in the place of its own. */
  public VmSpec with(FieldValues others) {
    FieldValues values = values(this, Set.of());
    for (Field<?> field : VmFields.ALL) {
      Object value = others.get(field);
      if (value != null) {
        values.putUnchecked(field, value);
      }
    }
    return of(name, values);
  }

  private static FieldValues values(VmSpec spec, Set<Field<?>> except) {
    FieldValues values = new FieldValues();
    for (Field<?> field : VmFields.ALL) {
      Object value = field.of(spec);
      if (value != null && !except.contains(field)) {
        values.putUnchecked(field, value);
      }
    }
    return values;
  }

  /**
   * Whether it is meant for this host.
   *
   * @param host the host's name; what follows its first dot need not be part of the pattern
   */
  public boolean isFor(String host) {
    String whole = host.toLowerCase(Locale.ROOT);
    String first = whole.split("\\.", 2)[0];
    return hosts.isEmpty()
        || hosts.stream()
            .map(VmSpec::pattern)
            .anyMatch(each -> each.matcher(whole).matches() || each.matcher(first).matches());
  }

  private static Pattern pattern(String glob) {
    String quoted = Pattern.quote(glob.toLowerCase(Locale.ROOT));
    return Pattern.compile(quoted.replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
  }

  /** The guest's host name: declared, else the VM's name. */
  public String hostname() {
    CloudInitSpec init = cloudInit;
    return init == null || init.hostname() == null ? name.value() : init.hostname();
  }

  /** The user to log in as: declared, else {@value SshSpec#DEFAULT_USER}. */
  public String user() {
    SshSpec login = ssh;
    return login == null || login.user() == null ? SshSpec.DEFAULT_USER : login.user();
  }

  /**
   * The VM's cards in their order. A private network as the only one has two.
   *
   * @param first address of the first card
   */
  public List<CardSpec> cards(UUID vm, MacAddress first) {
    List<CardSpec> cards = new ArrayList<>();
    switch (network) {
      case null -> cards.add(new CardSpec("", new NetworkSpec.User(), first));
      case NetworkSpec.None none -> {}
      case NetworkSpec.Private lan -> {
        cards.add(new CardSpec("", new NetworkSpec.User(), first));
        MacAddress beside = MacAddress.derived(vm, CardSpec.BESIDE);
        cards.add(new CardSpec(CardSpec.BESIDE, lan, beside));
      }
      case NetworkSpec.User user -> cards.add(new CardSpec("", user, first));
      case NetworkSpec.Tap tap -> cards.add(new CardSpec("", tap, first));
      case NetworkSpec.Vnic vnic -> cards.add(new CardSpec("", vnic, first));
    }
    nics.forEach(nic -> cards.add(new CardSpec(nic.name(), nic.network(), nic.address(vm))));
    return List.copyOf(cards);
  }

  /** What the VM's cards are connected to, in their order. */
  public List<NetworkSpec> networks() {
    return cards(NOBODY, MacAddress.underQemuPrefix(0)).stream().map(CardSpec::network).toList();
  }
}
