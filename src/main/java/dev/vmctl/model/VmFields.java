package dev.vmctl.model;

import static dev.vmctl.model.BackendTag.BHYVE;
import static dev.vmctl.model.BackendTag.NOOP;
import static dev.vmctl.model.BackendTag.PROPOLIS;
import static dev.vmctl.model.BackendTag.QEMU;
import static dev.vmctl.model.FieldBuilder.field;

import dev.vmctl.model.Described.Kind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a VMFile's {@code vm} node. Adding a field: one descriptor here, one component of
 * {@link VmSpec}, and the backend.
 */
public final class VmFields {
  private static final Set<BackendTag> ON_QEMU = EnumSet.of(QEMU, NOOP);

  /** Largest number of virtual processors QEMU's q35 takes without an interrupt remapper. */
  private static final long MAX_VCPUS = 255;

  private static final long MAX_MEMORY_MB = 16L << 20;
  private static final long MAX_DISK_BYTES = 1L << 56;

  private static final Part SHA256 =
      Part.of("sha256", Kind.TEXT, "As image-sha256.", "sha256=\"5c1c…\"").asProperty();

  public static final Field<BackendTag> BACKEND =
      field("backend", Kind.CHOICE, BackendTag.class, VmSpec::backend)
          .choices("noop", "qemu", "propolis", "bhyve")
          .described("by operating system", "Which hypervisor runs the VM.", "backend \"qemu\"")
          .build(Change.REPLACE);

  public static final Field<Path> IMAGE =
      field("image", Kind.PATH, Path.class, VmSpec::image)
          .described(
              "",
              "Local base image: qcow2, raw, VMDK, VDI or VHDX, also compressed; it is never written to.",
              "image \"~/images/debian-12.qcow2\"")
          .parts(SHA256)
          .build(Change.REPLACE);

  public static final Field<String> IMAGE_URL =
      field("image-url", Kind.TEXT, String.class, VmSpec::imageUrl)
          .described(
              "",
              "Base image to download: http(s), decompressed, or oci://registry/repository:tag.",
              "image-url \"https://example.org/debian-12.qcow2\"")
          .parts(SHA256)
          .build(Change.REPLACE);

  public static final Field<Path> IMAGE_BUILD =
      field("image-build", Kind.PATH, Path.class, VmSpec::imageBuild)
          .described(
              "",
              "Base image to build: a directory with a program 'build' in it, or a program; run with the directory to put root.qcow2 into, again only when its files have changed.",
              "image-build \"~/guests/debian\"")
          .build(Change.REPLACE);

  public static final Field<String> IMAGE_SHA256 =
      field("image-sha256", Kind.TEXT, String.class, VmSpec::imageSha256)
          .described(
              "unchecked",
              "SHA-256 of the image as published, or the URL of a SHA256SUMS file that lists it; checked before the image is used. Also a property: image-url \"…\" sha256=\"…\".",
              "image-sha256 \"https://example.org/SHA256SUMS\"")
          .build(Change.NONE);

  public static final Field<Integer> VCPUS =
      field("vcpus", Kind.INTEGER, Integer.class, VmSpec::vcpus)
          .range(1, MAX_VCPUS)
          .defaultsTo(1)
          .described("1", "Number of virtual processors.", "vcpus 2")
          .parts(
              Part.of("max", Kind.INTEGER, "As vcpus-max.", "max=4")
                  .range(1, MAX_VCPUS)
                  .asProperty())
          .build(Change.LIVE);

  public static final Field<Integer> VCPUS_MAX =
      field("vcpus-max", Kind.INTEGER, Integer.class, VmSpec::vcpusMax)
          .range(1, MAX_VCPUS)
          .on(ON_QEMU)
          .described(
              "vcpus",
              "Up to how many processors a running guest can be given. Also a property: vcpus 2 max=4.",
              "vcpus-max 4")
          .build(Change.NONE);

  public static final Field<Long> MEMORY =
      field("memory", Kind.MEMORY, Long.class, VmSpec::memoryMb)
          .range(1, MAX_MEMORY_MB)
          .defaultsTo(1024L)
          .described("1024", "Memory; a plain number is MiB.", "memory 2048")
          .parts(
              Part.of("max", Kind.MEMORY, "As memory-max.", "max=4096")
                  .range(1, MAX_MEMORY_MB)
                  .asProperty())
          .build(Change.LIVE);

  public static final Field<Long> MEMORY_MAX =
      field("memory-max", Kind.MEMORY, Long.class, VmSpec::memoryMaxMb)
          .range(1, MAX_MEMORY_MB)
          .on(ON_QEMU)
          .described(
              "memory",
              "Up to how much memory a running guest can be given; it boots with this and hands back what is above memory. Also a property: memory 2048 max=4096.",
              "memory-max 4096")
          .build(Change.NONE);

  public static final Field<Long> DISK =
      field("disk", Kind.DISK_SIZE, Long.class, VmSpec::diskBytes)
          .range(1, MAX_DISK_BYTES)
          .described(
              "the image's own size",
              "Size of the root disk; a plain number is GiB. It can grow, never shrink.",
              "disk 20")
          .build(Change.LIVE);

  public static final Field<NetworkSpec> NETWORK =
      field("network", Kind.NETWORK, NetworkSpec.class, VmSpec::network)
          .defaultsTo(new NetworkSpec.User())
          .described(
              "\"user\"",
              "How the VM is connected: \"user\", \"tap\" (on a bridge, br0 if none is named), \"private\" (as \"user\", and with the other guests on the network of that name), \"vnic\" (with a name) or \"none\".",
              "network \"tap\" { bridge \"br0\" }")
          .parts(
              Part.of("bridge", Kind.TEXT, "Bridge of the host.", "bridge \"br0\"")
                  .with("tap")
                  .defaultsTo("\"br0\""),
              Part.of(
                      "name",
                      Kind.TEXT,
                      "Name of the private network, or of the VNIC.",
                      "name \"lan\"")
                  .with("private", "vnic"))
          .build(Change.RESTART);

  public static final Field<Accel> ACCEL =
      field("accel", Kind.CHOICE, Accel.class, VmSpec::accel)
          .choices("auto", "kvm", "tcg")
          .defaultsTo(Accel.AUTO)
          .on(ON_QEMU)
          .described(
              "\"auto\"",
              "How the processor is run; auto takes KVM where it is proven to work.",
              "accel \"tcg\"")
          .build(Change.RESTART);

  public static final Field<String> MACHINE =
      field("machine", Kind.TEXT, String.class, VmSpec::machine)
          .defaultsTo("q35")
          .on(ON_QEMU)
          .described(
              "\"q35\"",
              "Machine type; an unversioned one is resolved to a version at creation and kept.",
              "machine \"pc-q35-7.2\"")
          .build(Change.RESTART);

  public static final Field<String> CPU =
      field("cpu", Kind.TEXT, String.class, VmSpec::cpu)
          .on(ON_QEMU)
          .described("\"host\" under KVM, \"max\" otherwise", "CPU model.", "cpu \"host\"")
          .build(Change.RESTART);

  public static final Field<Boolean> UEFI =
      field("uefi", Kind.BOOLEAN, Boolean.class, VmSpec::uefi)
          .defaultsTo(false)
          .on(EnumSet.of(QEMU, NOOP, PROPOLIS, BHYVE))
          .described(
              "#false", "Boot by UEFI firmware, with variables of the VM's own.", "uefi #true")
          .build(Change.RESTART);

  public static final Field<Boolean> SECURE_BOOT =
      field("secure-boot", Kind.BOOLEAN, Boolean.class, VmSpec::secureBoot)
          .defaultsTo(false)
          .on(ON_QEMU)
          .described(
              "#false",
              "Boot only what is signed with the keys that distributions' firmware trusts; needs uefi.",
              "secure-boot #true")
          .build(Change.RESTART);

  public static final Field<Boolean> TPM =
      field("tpm", Kind.BOOLEAN, Boolean.class, VmSpec::tpm)
          .defaultsTo(false)
          .on(ON_QEMU)
          .described("#false", "A TPM 2.0 with a memory of the VM's own; needs swtpm.", "tpm #true")
          .build(Change.RESTART);

  public static final Field<Path> KERNEL =
      field("kernel", Kind.PATH, Path.class, VmSpec::kernel)
          .on(ON_QEMU)
          .described(
              "", "Kernel to boot directly, without firmware or boot loader.", "kernel \"vmlinuz\"")
          .build(Change.RESTART);

  public static final Field<Path> INITRD =
      field("initrd", Kind.PATH, Path.class, VmSpec::initrd)
          .on(ON_QEMU)
          .described("", "Initial RAM disk for the kernel.", "initrd \"initrd.img\"")
          .build(Change.RESTART);

  public static final Field<String> CMDLINE =
      field("cmdline", Kind.TEXT, String.class, VmSpec::cmdline)
          .on(ON_QEMU)
          .described("", "Command line for the kernel.", "cmdline \"console=ttyS0 root=/dev/vda\"")
          .build(Change.RESTART);

  public static final Field<String> CLOUD_INIT_HOSTNAME =
      field(
              "cloud-init.hostname",
              Kind.TEXT,
              String.class,
              spec -> orNull(spec.cloudInit(), CloudInitSpec::hostname))
          .described("the VM's name", "Host name of the guest.", "hostname \"web\"")
          .build(Change.LIVE);

  public static final Field<Path> CLOUD_INIT_SSH_KEY =
      field(
              "cloud-init.ssh-key",
              Kind.PATH,
              Path.class,
              spec -> orNull(spec.cloudInit(), CloudInitSpec::sshKey))
          .contentCounts()
          .described(
              "a key pair generated for the VM",
              "Public key file to authorise.",
              "ssh-key \"~/.ssh/id_ed25519.pub\"")
          .build(Change.LIVE);

  public static final Field<Path> CLOUD_INIT_USER_DATA =
      field(
              "cloud-init.user-data",
              Kind.PATH,
              Path.class,
              spec -> orNull(spec.cloudInit(), CloudInitSpec::userData))
          .contentCounts()
          .described(
              "",
              "Raw cloud-config, passed through untouched; no key is injected then.",
              "user-data \"cloud.yaml\"")
          .build(Change.RESTART);

  public static final Field<String> SSH_USER =
      field("ssh.user", Kind.TEXT, String.class, spec -> orNull(spec.ssh(), SshSpec::user))
          .defaultsTo(SshSpec.DEFAULT_USER)
          .described("\"vm\"", "User to log in as, made by cloud-init.", "user \"ubuntu\"")
          .build(Change.RESTART);

  public static final Field<Path> SSH_PRIVATE_KEY =
      field(
              "ssh.private-key",
              Kind.PATH,
              Path.class,
              spec -> orNull(spec.ssh(), SshSpec::privateKey))
          .described(
              "the generated key, then ~/.ssh/id_ed25519, id_ecdsa, id_rsa",
              "Private key file to log in with.",
              "private-key \"~/.ssh/id_ed25519\"")
          .build(Change.NONE);

  public static final Field<List<ProvisionStep>> PROVISION =
      list("provision", Kind.PROVISION, VmSpec::provision)
          .described(
              "none",
              "Set-up steps over SSH, in order: \"shell\" with inline or script, \"file\" with source and destination.",
              "provision \"shell\" { inline \"uname -a\" }")
          .parts(
              Part.of("inline", Kind.LINES, "Shell text to run.", "inline \"uname -a\"")
                  .with("shell"),
              Part.of("script", Kind.PATH, "Script of the host to run.", "script \"setup.sh\"")
                  .with("shell"),
              Part.of(
                      "env",
                      Kind.ENV,
                      "Variables for this step, beside those of the VM.",
                      "env { TIER \"web\" }")
                  .with("shell"),
              Part.of("source", Kind.PATH, "File of the host to copy.", "source \"a.conf\"")
                  .with("file"),
              Part.of("destination", Kind.TEXT, "Where to.", "destination \"/etc/a.conf\"")
                  .with("file"))
          .repeatable()
          .build(Change.LIVE);

  public static final Field<List<DiskSpec>> DISKS =
      list("disks", Kind.DISKS, VmSpec::disks)
          .on(ON_QEMU)
          .described(
              "none",
              "Disks beside the root disk, each with a name, and a size (a plain number is GiB), an image, or both; in the guest /dev/disk/by-id/virtio-NAME.",
              "disks { disk \"data\" size=10; disk \"tools\" image=\"tools.qcow2\" }")
          .parts(
              Part.of("disk", Kind.TEXT, "A disk, by its name.", "disk \"data\" size=10")
                  .holding(
                      Part.of("size", Kind.DISK_SIZE, "Its size.", "size=10")
                          .range(1, MAX_DISK_BYTES)
                          .defaultsTo("that of its image"),
                      Part.of("image", Kind.PATH, "Local image.", "image=\"tools.qcow2\""),
                      Part.of(
                          "image-url", Kind.TEXT, "Image to download.", "image-url=\"https://…\"")))
          .build(Change.LIVE);

  public static final Field<List<NicSpec>> NICS =
      list("nics", Kind.NICS, VmSpec::nics)
          .on(ON_QEMU)
          .described(
              "none",
              "Network cards beside the first, each with a name, a network (user if none is named; tap, private), and a MAC address if it must be a certain one.",
              "nics { nic \"lan\" bridge=\"br0\" mac=\"52:54:00:12:34:56\"; nic \"lab\" network=\"user\" }")
          .parts(
              Part.of(
                      "nic",
                      Kind.TEXT,
                      "A network card, by its name.",
                      "nic \"lan\" bridge=\"br0\"")
                  .holding(
                      Part.of("network", Kind.CHOICE, "How it is connected.", "network=\"user\"")
                          .choices("user", "tap", "private")
                          .defaultsTo("\"user\", or \"tap\" with a bridge"),
                      Part.of("name", Kind.TEXT, "Name of the private network.", "name=\"lan\"")
                          .defaultsTo("that of the card"),
                      Part.of("bridge", Kind.TEXT, "Bridge of the host.", "bridge=\"br0\"")
                          .defaultsTo("\"br0\""),
                      Part.of("mac", Kind.TEXT, "Its address.", "mac=\"52:54:00:12:34:56\"")
                          .defaultsTo("one of its own")))
          .build(Change.LIVE);

  public static final Field<List<ForwardSpec>> FORWARD =
      list("forward", Kind.FORWARD, VmSpec::forwards)
          .on(ON_QEMU)
          .described(
              "none",
              "A port of the host that leads to one of the guest, over network \"user\": tcp on 127.0.0.1, unless protocol and bind say otherwise.",
              "forward host=8080 guest=80")
          .parts(
              port("host", "Port of the host.", "host=8080"),
              port("guest", "Port of the guest.", "guest=80"),
              Part.of("proto", Kind.CHOICE, "What is forwarded.", "proto=\"udp\"")
                  .choices("tcp", "udp")
                  .defaultsTo("\"tcp\""),
              Part.of(
                      "bind",
                      Kind.TEXT,
                      "IPv4 address of the host to listen on.",
                      "bind=\"0.0.0.0\"")
                  .defaultsTo("\"127.0.0.1\""))
          .repeatable()
          .build(Change.LIVE);

  public static final Field<List<ShareSpec>> SHARE =
      list("share", Kind.SHARE, VmSpec::shares)
          .on(ON_QEMU)
          .described(
              "none",
              "A directory of the host, mounted in the guest at the path given.",
              "share \"./site\" at=\"/srv/site\" read-only=#true")
          .parts(
              Part.of("at", Kind.TEXT, "Where in the guest.", "at=\"/srv/site\""),
              Part.of("read-only", Kind.BOOLEAN, "Whether the guest only reads.", "read-only=#true")
                  .defaultsTo("#false"),
              Part.of("via", Kind.CHOICE, "How it gets there.", "via=\"9p\"")
                  .choices("auto", "virtiofs", "9p", "sftp")
                  .defaultsTo("\"auto\""))
          .repeatable()
          .build(Change.RESTART);

  @SuppressWarnings("unchecked") // A class literal cannot carry the types within.
  public static final Field<Map<String, String>> LABELS =
      field(
              "labels",
              Kind.LABELS,
              (Class<Map<String, String>>) (Class<?>) Map.class,
              spec -> spec.labels().isEmpty() ? null : spec.labels())
          .defaultsTo(Map.of())
          .described(
              "none",
              "Names with short texts to tell VMs apart by; the guest does not see them.",
              "labels { tier \"web\"; stage \"test\" }")
          .build(Change.NONE);

  public static final Field<List<EnvVariable>> ENV =
      list("env", Kind.ENV, VmSpec::env)
          .sensitive()
          .described(
              "none",
              "Variables in the environment of every shell step, their values written here or read from files; a step may have its own.",
              "env { STAGE \"test\"; TOKEN file=\"token.txt\" }")
          .build(Change.LIVE);

  public static final Field<List<String>> HOSTS =
      list("hosts", Kind.TEXTS, VmSpec::hosts)
          .described(
              "every host",
              "Names of the hosts the VM is meant for, with * and ? for parts of them: elsewhere it counts as not declared.",
              "hosts \"node-*\" \"spare\"")
          .build(Change.NONE);

  /** Every field, in the order of the reference page. */
  public static final List<Field<?>> ALL =
      List.of(
          BACKEND,
          IMAGE,
          IMAGE_URL,
          IMAGE_BUILD,
          IMAGE_SHA256,
          VCPUS,
          VCPUS_MAX,
          MEMORY,
          MEMORY_MAX,
          DISK,
          NETWORK,
          ACCEL,
          MACHINE,
          CPU,
          UEFI,
          SECURE_BOOT,
          TPM,
          KERNEL,
          INITRD,
          CMDLINE,
          CLOUD_INIT_HOSTNAME,
          CLOUD_INIT_SSH_KEY,
          CLOUD_INIT_USER_DATA,
          SSH_USER,
          SSH_PRIVATE_KEY,
          PROVISION,
          ENV,
          DISKS,
          NICS,
          FORWARD,
          SHARE,
          LABELS,
          HOSTS,
          PolicyFields.RESTART,
          PolicyFields.APPLY,
          PolicyFields.PREVENT_DESTROY,
          PolicyFields.ON_REMOVE,
          PolicyFields.ON_FAILED_REPLACE,
          PolicyFields.DEPENDS_ON,
          PolicyFields.READY,
          PolicyFields.LIVENESS);

  private VmFields() {}

  /** The field of this path. */
  public static Optional<Field<?>> byPath(String path) {
    return ALL.stream().filter(field -> field.path().equals(path)).findFirst();
  }

  static <S, T> @Nullable T orNull(@Nullable S spec, Function<S, @Nullable T> part) {
    return spec == null ? null : part.apply(spec);
  }

  private static Part port(String name, String summary, String example) {
    return Part.of(name, Kind.INTEGER, summary, example)
        .range(ForwardSpec.LOWEST_PORT, ForwardSpec.HIGHEST_PORT);
  }

  /** A field whose value is a list; an empty one is none. */
  @SuppressWarnings("unchecked") // A class literal cannot carry the element type.
  private static <E> FieldBuilder<List<E>> list(
      String path, Kind kind, Function<VmSpec, List<E>> declared) {
    return new FieldBuilder<>(
            path,
            kind,
            (Class<List<E>>) (Class<?>) List.class,
            spec -> declared.apply(spec).isEmpty() ? null : declared.apply(spec))
        .defaultsTo(List.of());
  }
}
