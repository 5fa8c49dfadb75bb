package dev.vmctl.controller;

import dev.vmctl.guest.GuestChange;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.ProgramEnd;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.model.Field;
import dev.vmctl.model.ShareFacts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Guests that nothing is asked of: no programs, no shares to keep up, no keys; any change goes. */
abstract class PlainGuests implements Guests {
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
