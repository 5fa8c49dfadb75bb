package dev.vmctl.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All there is to say of one VM; the component names are the stable JSON fields, those of {@link
 * VmSummary} among them.
 *
 * @param generation of what is declared; rises with each change of it
 * @param observedGeneration the generation that is applied
 * @param restarts how often it was brought back after a crash
 * @param accel {@code kvm} or {@code tcg}, null before the first start; {@code accelReason} says
 *     why
 * @param paths {@code directory}, {@code disk}, {@code seed}, {@code serialLog}, {@code
 *     provisionLog}, {@code qemuLog}, {@code vmfile}: those that there are
 * @param activity what is being done or waited for right now, in words; empty when nothing is
 * @param settled nothing is left to do, or nothing more will be tried: converged, held, or stalled
 * @param commit of a VM that a Git repository declares; null for others
 * @param shares directories of the host, while it runs
 * @param policy how it is looked after; null from a daemon of an earlier version
 * @param guest what its guest agent has said last; null when none answers
 * @param fields what is declared, applied and running, field by field
 * @param failure why it is not as declared; null when it is, or is on its way
 */
public record VmStatus(
    @JsonUnwrapped VmSummary summary,
    String uuid,
    long generation,
    long observedGeneration,
    List<ConditionView> conditions,
    List<HoldView> holds,
    int restarts,
    ProvisionView provision,
    @Nullable String accel,
    @Nullable String accelReason,
    @Nullable String machine,
    @Nullable String mac,
    @Nullable String vnc,
    @Nullable Long diskBytes,
    Map<String, String> paths,
    String activity,
    boolean settled,
    @Nullable CommitView commit,
    @Nullable Failure failure,
    List<ShareView> shares,
    @Nullable PolicyView policy,
    @Nullable GuestView guest,
    List<FieldView> fields) {
  public VmStatus {
    // Nor this.
    fields = fields == null ? List.of() : List.copyOf(fields);
    // A daemon of an earlier version does not say it.
    shares = shares == null ? List.of() : List.copyOf(shares);
    conditions = List.copyOf(conditions);
    holds = List.copyOf(holds);
    // Not Map.copyOf: its order differs from run to run, and people read this.
    paths = Collections.unmodifiableMap(new TreeMap<>(paths));
  }

  /** One whose fields are not told. */
  public VmStatus(
      VmSummary summary,
      String uuid,
      long generation,
      long observedGeneration,
      List<ConditionView> conditions,
      List<HoldView> holds,
      int restarts,
      ProvisionView provision,
      @Nullable String accel,
      @Nullable String accelReason,
      @Nullable String machine,
      @Nullable String mac,
      @Nullable String vnc,
      @Nullable Long diskBytes,
      Map<String, String> paths,
      String activity,
      boolean settled,
      @Nullable CommitView commit,
      @Nullable Failure failure,
      List<ShareView> shares,
      @Nullable PolicyView policy,
      @Nullable GuestView guest) {
    this(
        summary,
        uuid,
        generation,
        observedGeneration,
        conditions,
        holds,
        restarts,
        provision,
        accel,
        accelReason,
        machine,
        mac,
        vnc,
        diskBytes,
        paths,
        activity,
        settled,
        commit,
        failure,
        shares,
        policy,
        guest,
        List.of());
  }

  /** The same, with its fields. */
  public VmStatus withFields(List<FieldView> told) {
    return new VmStatus(
        summary,
        uuid,
        generation,
        observedGeneration,
        conditions,
        holds,
        restarts,
        provision,
        accel,
        accelReason,
        machine,
        mac,
        vnc,
        diskBytes,
        paths,
        activity,
        settled,
        commit,
        failure,
        shares,
        policy,
        guest,
        told);
  }

  /**
   * One field of a VM.
   *
   * @param declared null when it is not declared
   * @param applied what the VM was made to have; null when that is not written down
   * @param running what its hypervisor says; null when it does not tell, or nothing runs
   * @param changeClass class of the change that is due; null when none is; {@code class} in JSON
   * @param drifted whether what runs is not what was applied, though that was declared
   */
  public record FieldView(
      String path,
      @Nullable String declared,
      @Nullable String applied,
      @Nullable String running,
      @JsonProperty("class") @Nullable String changeClass,
      boolean drifted) {}

  /** See {@link dev.vmctl.model.Condition}. */
  public record ConditionView(
      String type,
      String status,
      String reason,
      String message,
      long observedGeneration,
      Instant lastTransitionTime) {}

  /** Why the loop leaves something alone. */
  public record HoldView(String kind, String by, Instant at, String reason) {}

  /**
   * @param done whether the declared steps have succeeded on the present disk
   * @param hash of the declared steps
   * @param total number of declared steps
   */
  public record ProvisionView(boolean done, String hash, int total) {}

  /**
   * @param running the commit whose declaration is applied; null before any is
   * @param wanted the commit that declares it now
   */
  public record CommitView(@Nullable String running, String wanted) {}

  /**
   * A directory of the host that the guest that runs now sees.
   *
   * @param via what is really used: {@code virtiofs} or {@code 9p}
   */
  public record ShareView(String host, String guest, boolean readOnly, String via) {}

  /**
   * How the VM is looked after, with the defaults filled in.
   *
   * @param restart {@code always}, {@code on-failure} or {@code never}
   * @param ready what it is asked to know whether it is ready, in short; empty when nothing is
   * @param liveness the same of whether it has hung
   * @param dependsOn what must be up before it, such as {@code db until ready}
   * @param lastExit how it ended last, since it was started last; null when it did not
   */
  public record PolicyView(
      String restart,
      String ready,
      String liveness,
      List<String> dependsOn,
      @Nullable ExitView lastExit) {
    public PolicyView {
      dependsOn = List.copyOf(dependsOn);
    }
  }

  /** See {@link dev.vmctl.model.ExitReason}. */
  public record ExitView(String reason, Instant at) {}

  /**
   * What the guest says of itself.
   *
   * @param addresses of its network cards, such as {@code eth0 10.0.2.15}
   */
  public record GuestView(String hostname, String os, List<String> addresses) {
    public GuestView {
      addresses = List.copyOf(addresses);
    }
  }

  /** A failure, as {@link dev.vmctl.model.VmException} has it. */
  public record Failure(String code, String message, String help) {}
}
