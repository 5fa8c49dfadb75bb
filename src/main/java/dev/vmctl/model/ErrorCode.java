package dev.vmctl.model;

/**
 * The stable codes of the errors, and how the loop treats each.
 *
 * <p>A transient error is tried again with backoff; a terminal one waits for a change of what was
 * declared (the resync looks at it again, as at everything).
 */
public enum ErrorCode implements Worded {
  QEMU_NOT_FOUND("qemu.not_found", Retry.TERMINAL),
  QEMU_SPAWN_FAILED("qemu.spawn_failed", Retry.TRANSIENT),
  QEMU_FEATURE_MISSING("qemu.feature_missing", Retry.TERMINAL),
  QMP_CONNECT_FAILED("qmp.connect_failed", Retry.TRANSIENT),
  QMP_COMMAND_FAILED("qmp.command_failed", Retry.TRANSIENT),
  QMP_TIMEOUT("qmp.timeout", Retry.TRANSIENT),
  KVM_UNUSABLE("kvm.unusable", Retry.TERMINAL),
  PORT_TAKEN("network.port_taken", Retry.TRANSIENT),
  SHARE_FAILED("share.failed", Retry.TRANSIENT),
  NETWORK_FAILED("network.failed", Retry.TRANSIENT),
  IP_DISCOVERY_TIMEOUT("network.ip_discovery_timeout", Retry.TRANSIENT),
  IMAGE_NOT_FOUND("image.not_found", Retry.TERMINAL),
  IMAGE_INVALID("image.invalid", Retry.TERMINAL),
  IMAGE_FORMAT_DETECTION_FAILED("image.format_detection_failed", Retry.TERMINAL),
  IMAGE_CONVERSION_FAILED("image.conversion_failed", Retry.TERMINAL),
  IMAGE_DOWNLOAD_FAILED("image.download_failed", Retry.TRANSIENT),
  IMAGE_CHECKSUM_MISMATCH("image.checksum_mismatch", Retry.TERMINAL),
  IMAGE_CHECKSUM_UNAVAILABLE("image.checksum_unavailable", Retry.TERMINAL),
  IMAGE_ACCESS_DENIED("image.access_denied", Retry.TERMINAL),
  IMAGE_REDIRECT_LOOP("image.redirect_loop", Retry.TERMINAL),
  IMAGE_DECOMPRESSION_FAILED("image.decompression_failed", Retry.TERMINAL),
  IMAGE_BUILD_FAILED("image.build_failed", Retry.TERMINAL),
  IMAGE_IN_USE("image.in_use", Retry.TERMINAL),
  IMAGE_UNSUPPORTED("image.unsupported", Retry.TERMINAL),
  OCI_PULL_FAILED("oci.pull_failed", Retry.TRANSIENT),
  OCI_PUSH_FAILED("oci.push_failed", Retry.TRANSIENT),
  DISK_OVERLAY_FAILED("image.overlay_creation_failed", Retry.TRANSIENT),
  DISK_SHRINK("disk.shrink_refused", Retry.TERMINAL),
  DISK_FULL("disk.full", Retry.TRANSIENT),
  DISK_MISSING("disk.missing", Retry.TERMINAL),
  HOST_COMMAND_FAILED("host.command_failed", Retry.TRANSIENT),
  HOST_MEMORY("host.memory_exceeded", Retry.TERMINAL),
  HOST_DISK_LOW("host.disk_low", Retry.TERMINAL),
  DATASET_BUSY("dataset.busy", Retry.TRANSIENT),
  DATASET_FOREIGN("dataset.foreign", Retry.TERMINAL),
  DATASET_MISSING("dataset.missing", Retry.TERMINAL),
  ZONE_FOREIGN("zone.foreign", Retry.TERMINAL),
  ZONE_STATE("zone.state", Retry.TRANSIENT),
  VNIC_TAKEN("vnic.name_taken", Retry.TERMINAL),
  BHYVE_START_FAILED("bhyve.start_failed", Retry.TRANSIENT),
  BHYVE_FOREIGN("bhyve.foreign_vm", Retry.TERMINAL),
  PROPOLIS_UNREACHABLE("propolis.unreachable", Retry.TRANSIENT),
  PROPOLIS_TIMEOUT("propolis.timeout", Retry.TRANSIENT),
  PROPOLIS_FAILED("propolis.failed", Retry.TRANSIENT),
  PROPOLIS_STATE_REFUSED("propolis.state_refused", Retry.TRANSIENT),
  PROPOLIS_SPEC_REJECTED("propolis.spec_rejected", Retry.TERMINAL),
  PROPOLIS_API_VERSION("propolis.api_version", Retry.TERMINAL),
  PROPOLIS_UNKNOWN_ANSWER("propolis.unknown_answer", Retry.TERMINAL),
  PROPOLIS_SEED_TOO_LARGE("propolis.seed_too_large", Retry.TERMINAL),
  CLOUD_INIT_SEED_FAILED("cloudinit.iso_failed", Retry.TRANSIENT),
  SSH_FAILED("ssh.failed", Retry.TRANSIENT),
  SSH_TIMEOUT("ssh.timeout", Retry.TRANSIENT),
  SSH_AUTH_FAILED("ssh.auth_failed", Retry.TERMINAL),
  SSH_HOST_KEY_CHANGED("ssh.host_key_changed", Retry.TERMINAL),
  SSH_KEY_INVALID("ssh.keygen_failed", Retry.TERMINAL),
  AGENT_FAILED("agent.failed", Retry.TRANSIENT),
  AGENT_REFUSED("agent.refused", Retry.TERMINAL),
  GUEST_KERNEL_PANIC("guest.kernel_panic", Retry.TERMINAL),
  GUEST_DISK_FULL("guest.disk_full", Retry.TERMINAL),
  GUEST_NO_LEASE("guest.no_lease", Retry.TERMINAL),
  GUEST_CLOUD_INIT_FAILED("guest.cloud_init_failed", Retry.TERMINAL),
  GUEST_SSH_REFUSED("guest.ssh_refused", Retry.TERMINAL),
  GUEST_NOT_READY("guest.not_ready", Retry.TERMINAL),
  PROVISION_FAILED("provision.failed", Retry.TERMINAL),
  VM_NOT_FOUND("vm.not_found", Retry.TERMINAL),
  VM_NAME_INVALID("vm.name_invalid", Retry.TERMINAL),
  VM_NAME_TAKEN("vm.name_taken", Retry.TERMINAL),
  VM_INVALID_STATE("vm.invalid_state", Retry.TERMINAL),
  DESTROY_PREVENTED("vm.destroy_prevented", Retry.TERMINAL),
  SNAPSHOT_UNKNOWN("snapshot.unknown", Retry.TERMINAL),
  SNAPSHOT_TAKEN("snapshot.name_taken", Retry.TERMINAL),
  SNAPSHOT_MISFIT("snapshot.misfit", Retry.TERMINAL),
  MEMORY_UNUSABLE("snapshot.memory_unusable", Retry.TERMINAL),
  GENERATION_UNKNOWN("vm.generation_unknown", Retry.TERMINAL),
  GENERATION_INCOMPLETE("vm.generation_incomplete", Retry.TERMINAL),
  VM_STILL_DECLARED("vm.still_declared", Retry.TERMINAL),
  DEPENDENCY_FAILED("vm.dependency_failed", Retry.TERMINAL),
  BACKEND_NOT_AVAILABLE("backend.not_available", Retry.TERMINAL),
  CAPABILITY_MISSING("backend.capability_missing", Retry.TERMINAL),
  VMFILE_NOT_FOUND("vmfile.not_found", Retry.TERMINAL),
  VMFILE_PARSE_FAILED("vmfile.parse_failed", Retry.TERMINAL),
  VMFILE_VALIDATION("vmfile.validation", Retry.TERMINAL),
  SOURCE_NOT_FOUND("source.not_found", Retry.TERMINAL),
  SOURCE_TAKEN("source.taken", Retry.TERMINAL),
  SOURCE_CONFIGURED("source.configured", Retry.TERMINAL),
  SOURCE_UNAVAILABLE("source.unavailable", Retry.TRANSIENT),
  PRUNE_REFUSED("source.prune_refused", Retry.TERMINAL),
  STORE_FORMAT("store.format", Retry.TERMINAL),
  STORE_CORRUPT("store.corrupt", Retry.TERMINAL),
  STORE_LOCKED("store.locked", Retry.TRANSIENT),
  DAEMON_UNREACHABLE("daemon.unreachable", Retry.TRANSIENT),
  DAEMON_UNTRUSTED("daemon.untrusted", Retry.TERMINAL),
  WATCH_EXPIRED("watch.expired", Retry.TERMINAL),
  VERSION_STALE("version.stale", Retry.TERMINAL),
  ACCESS_DENIED("access.denied", Retry.TERMINAL),
  LIMIT_REACHED("limit.reached", Retry.TRANSIENT),
  VERSION_SKEW("daemon.version_skew", Retry.TERMINAL),
  TIMEOUT("timeout", Retry.TRANSIENT),
  IO("io", Retry.TRANSIENT),
  CONFIG_INVALID("config.invalid", Retry.TERMINAL),
  USAGE("usage", Retry.TERMINAL),
  INTERNAL("internal", Retry.TRANSIENT);

  /** Whether trying again, with nothing declared anew, can help. */
  public enum Retry {
    TRANSIENT,
    TERMINAL
  }

  private final String text;
  private final Retry retry;

  ErrorCode(String text, Retry retry) {
    this.text = text;
    this.retry = retry;
  }

  /** The code as printed, e.g. {@code qemu.spawn_failed}; never changes once released. */
  @Override
  public String text() {
    return text;
  }

  public boolean isTransient() {
    return retry == Retry.TRANSIENT;
  }
}
