package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlBlock;
import dev.vmctl.kdl.KdlBoolean;
import dev.vmctl.kdl.KdlDocument;
import dev.vmctl.kdl.KdlEntry;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlProperty;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.kdl.KdlWriter;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the {@code vm} node that declares a VM as others, or a command line, have made it. */
public final class VmFileText {
  private VmFileText() {}

  /**
   * A text that reads as this very spec again.
   *
   * @throws IllegalArgumentException for a spec with what only people declare, such as provision
   *     steps
   */
  public static String of(VmSpec spec) {
    List<KdlNode> nodes = new ArrayList<>();
    text(nodes, VmFields.BACKEND, spec.backend() == null ? null : spec.backend().text());
    path(nodes, VmFields.IMAGE, spec.image());
    text(nodes, VmFields.IMAGE_URL, spec.imageUrl());
    path(nodes, VmFields.IMAGE_BUILD, spec.imageBuild());
    text(nodes, VmFields.IMAGE_SHA256, spec.imageSha256());
    path(nodes, VmFields.KERNEL, spec.kernel());
    path(nodes, VmFields.INITRD, spec.initrd());
    text(nodes, VmFields.CMDLINE, spec.cmdline());
    number(nodes, VmFields.VCPUS, spec.vcpus());
    number(nodes, VmFields.MEMORY, spec.memoryMb());
    text(nodes, VmFields.DISK, spec.diskBytes() == null ? null : spec.diskBytes() + "B");
    text(nodes, VmFields.CPU, spec.cpu());
    if (spec.network() != null) {
      nodes.add(network(spec.network()));
    }
    text(nodes, VmFields.MACHINE, spec.machine());
    if (Boolean.TRUE.equals(spec.uefi())) {
      nodes.add(KdlNode.of(VmFields.UEFI.path(), KdlBoolean.of(true)));
    }
    spec.forwards().forEach(forward -> nodes.add(forward(forward)));
    if (!spec.disks().isEmpty()) {
      List<KdlNode> disks = spec.disks().stream().map(VmFileText::disk).toList();
      nodes.add(KdlNode.of(VmFields.DISKS.path()).withBlock(KdlBlock.of(disks)));
    }
    if (spec.cloudInit() != null) {
      nodes.add(cloudInit(spec.cloudInit()));
    }
    if (!spec.labels().isEmpty()) {
      List<KdlNode> labels = new ArrayList<>();
      spec.labels().forEach((key, value) -> labels.add(KdlNode.of(key, KdlString.of(value))));
      nodes.add(KdlNode.of(VmFields.LABELS.path()).withBlock(KdlBlock.of(labels)));
    }
    if (spec.ssh() != null) {
      KdlNode user = KdlNode.of("user", KdlString.of(Objects.requireNonNull(spec.ssh().user())));
      nodes.add(KdlNode.of("ssh").withBlock(KdlBlock.of(List.of(user))));
    }
    KdlNode vm = KdlNode.of("vm", KdlString.of(spec.name().value())).withBlock(KdlBlock.of(nodes));
    return KdlWriter.write(KdlDocument.of(List.of(vm)));
  }

  private static void text(List<KdlNode> nodes, Field<?> field, @Nullable String value) {
    if (value != null) {
      nodes.add(KdlNode.of(field.path(), KdlString.of(value)));
    }
  }

  private static void path(List<KdlNode> nodes, Field<?> field, @Nullable Path value) {
    text(nodes, field, value == null ? null : value.toString());
  }

  private static void number(List<KdlNode> nodes, Field<?> field, @Nullable Number value) {
    if (value != null) {
      nodes.add(KdlNode.of(field.path(), KdlInteger.of(value.longValue())));
    }
  }

  private static KdlNode cloudInit(CloudInitSpec given) {
    List<KdlNode> parts = new ArrayList<>();
    if (given.hostname() != null) {
      parts.add(KdlNode.of("hostname", KdlString.of(given.hostname())));
    }
    if (given.sshKey() != null) {
      parts.add(KdlNode.of("ssh-key", KdlString.of(given.sshKey().toString())));
    }
    if (given.userData() != null) {
      parts.add(KdlNode.of("user-data", KdlString.of(given.userData().toString())));
    }
    return KdlNode.of("cloud-init").withBlock(KdlBlock.of(parts));
  }

  private static KdlNode network(NetworkSpec network) {
    String node = VmFields.NETWORK.path();
    return switch (network) {
      case NetworkSpec.User user -> KdlNode.of(node, KdlString.of("user"));
      case NetworkSpec.None none -> KdlNode.of(node, KdlString.of("none"));
      case NetworkSpec.Tap(String bridge) ->
          KdlNode.of(node, KdlString.of("tap"), property("bridge", KdlString.of(bridge)));
      case NetworkSpec.Private(String name) ->
          KdlNode.of(node, KdlString.of("private"), property("name", KdlString.of(name)));
      case NetworkSpec.Vnic(String name) ->
          KdlNode.of(node, KdlString.of("vnic"), property("name", KdlString.of(name)));
    };
  }

  private static KdlNode forward(ForwardSpec forward) {
    List<KdlEntry> parts = new ArrayList<>();
    parts.add(property("host", KdlInteger.of(forward.hostPort())));
    parts.add(property("guest", KdlInteger.of(forward.guestPort())));
    if (forward.protocol() != ForwardSpec.Protocol.TCP) {
      parts.add(property("proto", KdlString.of(forward.protocol().text())));
    }
    if (!forward.bind().equals(ForwardSpec.LOOPBACK)) {
      parts.add(property("bind", KdlString.of(forward.bind())));
    }
    return KdlNode.of(VmFields.FORWARD.path(), parts.toArray(KdlEntry[]::new));
  }

  private static KdlNode disk(DiskSpec disk) {
    return KdlNode.of(
        "disk", KdlString.of(disk.name()), property("size", KdlString.of(disk.sizeBytes() + "B")));
  }

  private static KdlProperty property(String key, KdlValue value) {
    return KdlProperty.of(key, value);
  }
}
