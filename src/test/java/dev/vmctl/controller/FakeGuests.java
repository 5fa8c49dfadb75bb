package dev.vmctl.controller;

import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Guests of a {@link FakeWorld}: how long they take, and what they say. */
final class FakeGuests extends PlainGuests {
  Duration bootTime = Duration.ofSeconds(4);
  Duration lookTime = Duration.ofMillis(50);
  Duration provisionTime = Duration.ofSeconds(2);
  ProvisionResult provisionResult = new ProvisionResult.Succeeded();
  List<String> console = List.of();
  GuestFacts agentSays = new GuestFacts("fake", "Fake 1", List.of("eth0 10.0.2.15"));

  /** Why guests do not become ready; null when they do. */
  @Nullable VmException notReady;

  /** What is wrong with a guest that is looked at. */
  Function<VmName, Optional<String>> wrong = name -> Optional.empty();

  /** Happens when steps have ended, before anybody hears of it. */
  Runnable onProvisioned = () -> {};

  /** What was asked of guests that were waited for. */
  final List<HealthCheck> readiness = new ArrayList<>();

  final List<Instant> looks = new ArrayList<>();

  /** Whose steps have ended. */
  final List<String> provisioned = new ArrayList<>();

  /** How often steps were begun. */
  int provisionings;

  /** How often a console was told to begin anew. */
  int boots;

  /** How often guests were kept from writing and not let write again. */
  int quiet;

  private final FakeWorld world;

  FakeGuests(FakeWorld world) {
    this.world = world;
  }

  @Override
  public Path writeSeed(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network) {
    world.fault.accept("writeSeed");
    return directory.resolve(SEED);
  }

  @Override
  public CompletableFuture<List<ShareFacts>> awaitReady(HealthCheck wanted, GuestShares shares) {
    world.fault.accept("awaitReady");
    readiness.add(wanted);
    return world.later(
        bootTime,
        () -> {
          if (notReady != null) {
            throw notReady;
          }
          return shares.facts();
        });
  }

  @Override
  public void starting(Path directory) {
    boots++;
  }

  @Override
  public CompletableFuture<Optional<String>> look(HealthCheck wanted) {
    looks.add(world.timeline.now());
    return world.later(lookTime, () -> wrong.apply(wanted.guest().name()));
  }

  @Override
  public CompletableFuture<GuestFacts> facts(Path agent) {
    return world.later(lookTime, () -> agentSays);
  }

  @Override
  public CompletableFuture<Void> freeze(Path agent) {
    return world.later(
        lookTime,
        () -> {
          quiet++;
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> thaw(Path agent) {
    return world.later(
        lookTime,
        () -> {
          quiet = 0;
          return null;
        });
  }

  @Override
  public List<String> consoleTail(Path directory) {
    return console;
  }

  @Override
  public CompletableFuture<ProvisionResult> provision(
      SshTarget target,
      List<ProvisionStep> steps,
      List<EnvVariable> env,
      ProvisionListener listener) {
    world.fault.accept("provision");
    provisionings++;
    return world.later(
        provisionTime,
        () -> {
          onProvisioned.run();
          provisioned.add(target.vmDirectory().getFileName().toString());
          return provisionResult;
        });
  }
}
