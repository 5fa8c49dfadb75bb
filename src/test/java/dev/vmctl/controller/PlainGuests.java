package dev.vmctl.controller;

import dev.vmctl.guest.GuestChange;
import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.ProgramEnd;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ShareFacts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Guests that are ready at once and stay well. They have no agent, and take no steps; nothing is
 * shared with them that would have to be served on, and any change goes.
 */
abstract class PlainGuests implements Guests {
  @Override
  public CompletableFuture<List<ShareFacts>> awaitReady(HealthCheck wanted, GuestShares shares) {
    return CompletableFuture.completedFuture(shares.facts());
  }

  @Override
  public void starting(Path directory) {}

  @Override
  public CompletableFuture<Optional<String>> look(HealthCheck wanted) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public CompletableFuture<GuestFacts> facts(Path agent) {
    throw new UnsupportedOperationException("it has no agent");
  }

  @Override
  public CompletableFuture<Void> freeze(Path agent) {
    throw new UnsupportedOperationException("it has no agent");
  }

  @Override
  public CompletableFuture<Void> thaw(Path agent) {
    throw new UnsupportedOperationException("it has no agent");
  }

  @Override
  public List<String> consoleTail(Path directory) {
    return List.of();
  }

  @Override
  public CompletableFuture<ProvisionResult> provision(
      SshTarget target,
      List<ProvisionStep> steps,
      List<EnvVariable> env,
      ProvisionListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ShareFacts> keepServing(SshTarget target, GuestShares shares) {
    return List.of();
  }

  @Override
  public CompletableFuture<Long> startProgram(Path agent, List<String> command, byte[] input) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Optional<ProgramEnd>> awaitProgram(Path agent, long id, Duration wait) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Map<Field<?>, String>> letGo(SshTarget target, GuestChange change) {
    return CompletableFuture.completedFuture(Map.of());
  }

  @Override
  public CompletableFuture<Map<Field<?>, String>> adapt(SshTarget target, GuestChange change) {
    return CompletableFuture.completedFuture(Map.of());
  }

  @Override
  public List<Path> privateKeys(SshTarget target) {
    return List.of();
  }
}
