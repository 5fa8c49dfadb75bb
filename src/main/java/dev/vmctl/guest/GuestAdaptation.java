package dev.vmctl.guest;

import dev.vmctl.host.Log;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Changes a Linux guest over one SSH connection, a script a field. */
final class GuestAdaptation {
  private static final System.Logger log = Log.of(GuestAdaptation.class);

  private final SshDialer dialer;
  private final SshTarget target;
  private final VmSpec from;
  private final VmSpec to;
  private final List<MacAddress> newCards;
  private final Map<Field<?>, String> refused = new LinkedHashMap<>();
  private @Nullable SshConnection connection;

  GuestAdaptation(SshDialer dialer, SshTarget target, GuestChange change) {
    this.dialer = dialer;
    this.target = target;
    this.from = change.from();
    this.to = change.to();
    this.newCards = change.newCards();
  }

  /** A task over the connection. */
  private interface Task {
    void run() throws InterruptedException;
  }

  Map<Field<?>, String> letGo() throws InterruptedException {
    return connected(
        () -> {
          for (DiskSpec disk : from.disks()) {
            if (!isIn(to, disk)) {
              run(VmFields.DISKS, AdaptationScripts.UNMOUNT, disk.name());
            }
          }
        });
  }

  Map<Field<?>, String> adapt() throws InterruptedException {
    return connected(
        () -> {
          if (differs(VmFields.VCPUS)) {
            run(
                VmFields.VCPUS,
                AdaptationScripts.PROCESSORS,
                Objects.requireNonNull(VmFields.VCPUS.effective(to)).toString());
          }
          if (differs(VmFields.DISK) && to.diskBytes() != null) {
            run(VmFields.DISK, AdaptationScripts.GROW_ROOT, to.diskBytes().toString());
          }
          for (DiskSpec disk : to.disks()) {
            if (differs(VmFields.DISKS)) {
              run(VmFields.DISKS, AdaptationScripts.DATA_DISK, disk.name());
            }
          }
          for (MacAddress card : newCards) {
            run(VmFields.NICS, AdaptationScripts.CARD, card.value());
          }
          if (!from.hostname().equals(to.hostname())) {
            run(VmFields.CLOUD_INIT_HOSTNAME, AdaptationScripts.HOST_NAME, to.hostname());
          }
          if (differs(VmFields.CLOUD_INIT_SSH_KEY)) {
            run(VmFields.CLOUD_INIT_SSH_KEY, AdaptationScripts.KEYS, keys());
          }
        });
  }

  private Map<Field<?>, String> connected(Task task) throws InterruptedException {
    try (SshConnection dialed = dialer.dial(target)) {
      connection = dialed;
      task.run();
    }
    return refused;
  }

  private <T> boolean differs(Field<T> field) {
    return !Objects.equals(field.effective(from), field.effective(to));
  }

  private static boolean isIn(VmSpec spec, DiskSpec wanted) {
    return spec.disks().stream().anyMatch(disk -> disk.name().equals(wanted.name()));
  }

  /** New keys first: whoever is cut off half-way can still log in. */
  private String keys() {
    List<String> had = keys(from);
    List<String> wanted = keys(to);
    List<String> lines = new ArrayList<>();
    wanted.forEach(key -> lines.add("+" + key));
    had.stream().filter(key -> !wanted.contains(key)).forEach(key -> lines.add("-" + key));
    return String.join("\n", lines);
  }

  /** Those of the declared file; of a VM without, the generated one stays allowed. */
  private List<String> keys(VmSpec spec) {
    CloudInitSpec init = spec.cloudInit();
    Path file = init == null ? null : init.sshKey();
    if (file == null && spec == from) {
      return List.of();
    }
    try {
      return file == null
          ? KeyFiles.declaredPublicKeys(target.vmDirectory().resolve(Guests.CLIENT_KEY + ".pub"))
          : KeyFiles.declaredPublicKeys(file);
    } catch (VmException e) {
      if (spec == to) {
        throw e;
      }
      log.log(
          System.Logger.Level.WARNING,
          "{0}: the keys that were allowed before stay so: {1}",
          target.name(),
          e.getMessage());
      return List.of();
    }
  }

  private void run(Field<?> field, String script, String input) throws InterruptedException {
    OutputTail said = new OutputTail();
    java.io.OutputStream sink =
        new java.io.OutputStream() {
          @Override
          public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            said.add(bytes, offset, length);
          }
        };
    RemoteExit exit =
        Objects.requireNonNull(connection)
            .exec(
                "exec /bin/sh -c '" + script + "'",
                new ByteArrayInputStream((input + "\n").getBytes(StandardCharsets.UTF_8)),
                sink,
                sink);
    if (!exit.succeeded()) {
      String text = said.text();
      refused.putIfAbsent(field, "the guest says: " + (text.isEmpty() ? exit.text() : text));
    }
  }
}
