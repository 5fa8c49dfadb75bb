package dev.vmctl.model;

import static dev.vmctl.model.FieldBuilder.field;

import dev.vmctl.model.Described.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The fields of {@link PolicySpec}: how a VM is looked after. */
public final class PolicyFields {
  private static final String CHECKS =
      "ssh, tcp, http, exec, agent or log; of several all must pass.";

  public static final Field<RestartPolicy> RESTART =
      field("restart", Kind.CHOICE, RestartPolicy.class, spec -> spec.policy().restart())
          .choices("always", "on-failure", "never")
          .defaultsTo(RestartPolicy.ON_FAILURE)
          .described(
              "\"on-failure\"",
              "When a guest that ended by itself is started again.",
              "restart \"always\"")
          .build(Change.NONE);

  public static final Field<ApplyPolicy> APPLY =
      field("lifecycle.apply", Kind.APPLY, ApplyPolicy.class, lifecycle(LifecycleSpec::apply))
          .choices("auto", "manual")
          .defaultsTo(ApplyPolicy.all(ApplyPolicy.Mode.AUTO))
          .described(
              "\"auto\"",
              "Whether changes are applied at once or when somebody asks; for all classes or by class.",
              "apply restart=\"manual\" replace=\"manual\"")
          .parts(
              mode("live", "For changes on the running guest."),
              mode("restart", "For changes that stop and start the guest."),
              mode("replace", "For changes that give the VM a new disk."))
          .build(Change.NONE);

  public static final Field<Boolean> PREVENT_DESTROY =
      field(
              "lifecycle.prevent-destroy",
              Kind.BOOLEAN,
              Boolean.class,
              lifecycle(LifecycleSpec::preventDestroy))
          .defaultsTo(false)
          .described(
              "#false", "Refuse whatever would take the VM's disk away.", "prevent-destroy #true")
          .build(Change.NONE);

  public static final Field<OnRemove> ON_REMOVE =
      field("lifecycle.on-remove", Kind.CHOICE, OnRemove.class, lifecycle(LifecycleSpec::onRemove))
          .choices("trash", "stop", "orphan", "destroy")
          .defaultsTo(OnRemove.TRASH)
          .described(
              "\"trash\"",
              "What becomes of the VM when it is no longer declared.",
              "on-remove \"stop\"")
          .build(Change.NONE);

  public static final Field<OnFailedReplace> ON_FAILED_REPLACE =
      field(
              "lifecycle.on-failed-replace",
              Kind.CHOICE,
              OnFailedReplace.class,
              lifecycle(LifecycleSpec::onFailedReplace))
          .choices("offer", "restore")
          .defaultsTo(OnFailedReplace.OFFER)
          .described(
              "\"offer\"",
              "Whether the old disk comes back when a replaced VM is not ready in time.",
              "on-failed-replace \"restore\"")
          .build(Change.NONE);

  @SuppressWarnings("unchecked") // A class literal cannot carry the element type.
  public static final Field<List<Dependency>> DEPENDS_ON =
      field(
              "depends-on",
              Kind.DEPENDENCY,
              (Class<List<Dependency>>) (Class<?>) List.class,
              spec -> spec.policy().dependsOn().isEmpty() ? null : spec.policy().dependsOn())
          .defaultsTo(List.of())
          .described(
              "none",
              "VMs of the same source that must be up first, and down last.",
              "depends-on \"db\" until=\"ready\"")
          .parts(
              Part.of("until", Kind.CHOICE, "How far they must be.", "until=\"ready\"")
                  .choices("running", "ready", "provisioned")
                  .defaultsTo("\"ready\"")
                  .asProperty())
          .repeatable()
          .build(Change.NONE);

  public static final Field<ProbeSpec> READY =
      field("ready", Kind.PROBE, ProbeSpec.class, spec -> spec.policy().ready())
          .described("ssh", "When the VM is ready: " + CHECKS, "ready { tcp 5432; timeout \"5m\" }")
          .parts(
              probe(
                  Part.of(
                          "timeout",
                          Kind.DURATION,
                          "How long after its start the guest may take.",
                          "timeout \"5m\"")
                      .defaultsTo("10m"),
                  "2s"))
          .build(Change.NONE);

  public static final Field<ProbeSpec> LIVENESS =
      field("liveness", Kind.PROBE, ProbeSpec.class, spec -> spec.policy().liveness())
          .described(
              "none",
              "When a running guest counts as hung, and is restarted: " + CHECKS,
              "liveness { http \"/health\" port=8080; failures 3 }")
          .parts(
              probe(
                  Part.of("timeout", Kind.DURATION, "How long a look may take.", "timeout \"5s\"")
                      .defaultsTo("5s"),
                  "10s",
                  Part.of(
                          "failures",
                          Kind.INTEGER,
                          "How many looks in a row fail before a restart.",
                          "failures 3")
                      .range(1, 1000)
                      .defaultsTo("3")))
          .build(Change.NONE);

  private PolicyFields() {}

  private static <T> Function<VmSpec, @Nullable T> lifecycle(
      Function<LifecycleSpec, @Nullable T> part) {
    return spec -> VmFields.orNull(spec.policy().lifecycle(), part);
  }

  private static Part mode(String name, String summary) {
    return Part.of(name, Kind.CHOICE, summary, name + " \"manual\"")
        .choices("auto", "manual")
        .defaultsTo("\"auto\"");
  }

  private static Part[] probe(Part timeout, String interval, Part... more) {
    Part port =
        Part.of("port", Kind.INTEGER, "Port of the guest.", "port=8080")
            .range(1, 65535)
            .defaultsTo("80")
            .asProperty();
    List<Part> parts =
        List.of(
            Part.of("ssh", Kind.FLAG, "The SSH server says its banner.", "ssh"),
            Part.of("tcp", Kind.INTEGER, "The port takes a connection.", "tcp 5432")
                .range(1, 65535),
            Part.of(
                    "http",
                    Kind.TEXT,
                    "A GET of the path is answered with 200 to 399.",
                    "http \"/health\" port=8080")
                .holding(port),
            Part.of(
                "exec",
                Kind.LINES,
                "The shell text, run in the guest, ends with 0.",
                "exec \"systemctl is-active nginx\""),
            Part.of("agent", Kind.FLAG, "The QEMU guest agent answers.", "agent"),
            Part.of(
                "log",
                Kind.TEXT,
                "The serial console has said what the regular expression finds.",
                "log \"login:\""),
            timeout.range(1, 86_400_000),
            Part.of("interval", Kind.DURATION, "Time between two looks.", "interval \"2s\"")
                .range(100, 3_600_000)
                .defaultsTo(interval));
    return Stream.concat(parts.stream(), Arrays.stream(more)).toArray(Part[]::new);
  }
}
