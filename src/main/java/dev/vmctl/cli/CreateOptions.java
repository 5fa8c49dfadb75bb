package dev.vmctl.cli;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code create} takes beside the usual: each as the VMFile's node of its name. */
final class CreateOptions {
  @Option(
      names = "--sha256",
      paramLabel = "DIGEST|URL",
      description = "The image's SHA-256 as published, or a SHA256SUMS file that lists it.")
  private @Nullable String sha256;

  @Option(names = "--backend", description = "Default: what there is; see 'explain backend'.")
  private @Nullable BackendTag backend;

  @Option(names = "--no-network", description = "No network at all.")
  private boolean noNetwork;

  @Option(names = "--cpu", paramLabel = "MODEL", description = "Processor model of the guest.")
  private @Nullable String cpu;

  @Option(names = "--kernel", paramLabel = "FILE", description = "Kernel to boot directly.")
  private @Nullable Path kernel;

  @Option(names = "--initrd", paramLabel = "FILE", description = "Its initial RAM disk.")
  private @Nullable Path initrd;

  @Option(names = "--cmdline", paramLabel = "TEXT", description = "Its command line.")
  private @Nullable String cmdline;

  @Option(names = "--hostname", description = "The guest's. Default: the VM's name.")
  private @Nullable String hostname;

  @Option(names = "--ssh-user", paramLabel = "USER", description = "Who logs in. Default: vm.")
  private @Nullable String user;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "For -l to select it by; several may be given.")
  private Map<String, String> labels = Map.of();

  /**
   * @param existing makes a file's path absolute, and refuses one that is not there
   */
  void declare(FieldValues values, Function<Path, Path> existing) {
    put(values, VmFields.IMAGE_SHA256, sha256);
    put(values, VmFields.BACKEND, backend);
    put(values, VmFields.NETWORK, noNetwork ? new NetworkSpec.None() : null);
    put(values, VmFields.CPU, cpu);
    put(values, VmFields.KERNEL, kernel == null ? null : existing.apply(kernel));
    put(values, VmFields.INITRD, initrd == null ? null : existing.apply(initrd));
    put(values, VmFields.CMDLINE, cmdline);
    put(values, VmFields.CLOUD_INIT_HOSTNAME, hostname);
    put(values, VmFields.SSH_USER, user);
    put(values, VmFields.LABELS, labels.isEmpty() ? null : labels);
  }

  boolean hasNetwork() {
    return !noNetwork;
  }

  private static <T> void put(FieldValues values, Field<T> field, @Nullable T value) {
    if (value != null) {
      values.put(field, value);
    }
  }
}
