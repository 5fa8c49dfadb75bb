package dev.vmctl.controller;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.Hold;
import dev.vmctl.store.VmRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes in what a VMFile declares, or one VM by hand ({@code up}, {@code create}). */
final class Declaring {
  private final Engine engine;
  private final Commands commands;
  private final EngineVmctl.Admission admission;

  Declaring(Engine engine, Commands commands, EngineVmctl.Admission admission) {
    this.engine = engine;
    this.commands = commands;
    this.admission = admission;
  }

  ApplyResult apply(ApplyRequest request) {
    List<Declaration> chosen = chosen(request);
    chosen.forEach(each -> engine.parts().hypervisors().checkSupported(each.spec()));
    chosen.forEach(each -> engine.room().check(each.spec()));
    chosen.forEach(
        declaration ->
            refuseOthersName(
                engine.store().read(declaration.name()), declaration, request.source()));
    List<VmName> applied = chosen.stream().map(Declaration::name).toList();
    // Everybody takes the VMs' locks in the same order: two commands never wait for each other.
    for (Declaration declaration :
        chosen.stream().sorted(Comparator.comparing(Declaration::name)).toList()) {
      VmName name = declaration.name();
      // The intent first, the VM's lock second: whoever works on it sees the intent and yields.
      engine
          .store()
          .update(
              name,
              record -> {
                // Once more, as somebody may have taken the name since.
                refuseOthersName(Optional.ofNullable(record), declaration, request.source());
                return applied(record, declaration, request);
              });
    }
    // Only when all are written down, as guests are told of each other.
    for (VmName name : applied.stream().sorted().toList()) {
      admission.admit(name);
      engine.wake(name);
    }
    List<VmName> undeclared = request.only().isEmpty() ? undeclared(request) : List.of();
    if (request.prune()) {
      Duration grace = engine.settings().stopGrace();
      engine
          .order()
          .downwards(undeclared)
          .forEach(
              name ->
                  commands.intend(
                      name, record -> engine.intents().undeclared(record, grace, now())));
      return new ApplyResult(applied, undeclared, List.of());
    }
    return new ApplyResult(applied, List.of(), undeclared);
  }

  private VmRecord applied(
      @Nullable VmRecord before, Declaration declaration, ApplyRequest request) {
    Instant now = now();
    Intents intents = engine.intents();
    VmRecord declared = intents.declare(before, declaration, request.source(), true, now);
    VmRecord running =
        request.hold()
            ? intents.hold(
                declared,
                Hold.Kind.STOPPED,
                "created without --start",
                engine.settings().stopGrace(),
                now)
            : intents.run(declared, now);
    return switch (request.provisioning()) {
      case AS_NEEDED -> intents.provisionIfFailed(running, now);
      case AGAIN -> intents.provisionAgain(running, now);
      case SKIP -> intents.provisionNever(running, now);
    };
  }

  private static List<Declaration> chosen(ApplyRequest request) {
    for (VmName name : request.only()) {
      if (request.declarations().stream().noneMatch(d -> d.name().equals(name))) {
        throw new VmException(
            ErrorCode.VM_NOT_FOUND,
            "no VM '" + name + "' is declared in " + request.source(),
            "declared there: " + names(request.declarations()));
      }
    }
    Set<VmName> wanted = withDependencies(request);
    return request.declarations().stream()
        .filter(d -> wanted.isEmpty() || wanted.contains(d.name()))
        .toList();
  }

  /** Those that are asked for, and what they depend on; none for all. */
  private static Set<VmName> withDependencies(ApplyRequest request) {
    Set<VmName> wanted = new HashSet<>(request.only());
    boolean grown = !wanted.isEmpty() && !request.hold();
    while (grown) {
      grown = false;
      for (Declaration declaration : request.declarations()) {
        if (wanted.contains(declaration.name())) {
          for (Dependency each : declaration.spec().policy().dependsOn()) {
            grown |= wanted.add(each.on());
          }
        }
      }
    }
    return wanted;
  }

  private static String names(List<Declaration> declarations) {
    return String.join(", ", declarations.stream().map(d -> d.name().value()).toList());
  }

  private static void refuseOthersName(
      Optional<VmRecord> record, Declaration declaration, SourceId source) {
    if (record.isEmpty()) {
      return;
    }
    SourceId owner = record.get().source();
    boolean byHand = source.kind() == SourceId.Kind.CLI;
    if (byHand || (!owner.equals(source) && isStillThere(owner))) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "there is a VM '" + declaration.name() + "' already, declared by " + owner,
          "choose another name, or remove that VM first: vmctl destroy " + declaration.name());
    }
  }

  /** A VMFile that was moved hands its VMs over to where it is now. */
  private static boolean isStillThere(SourceId owner) {
    return switch (owner.kind()) {
      case CLI -> !owner.equals(SourceId.restored());
      case DIRECTORY, FILE -> Files.exists(Path.of(owner.location()));
      // Nobody can tell from here whether it is.
      case GIT -> true;
    };
  }

  private List<VmName> undeclared(ApplyRequest request) {
    if (request.source().kind() == SourceId.Kind.CLI) {
      return List.of();
    }
    List<VmName> gone = new ArrayList<>();
    for (VmName name : engine.store().names()) {
      boolean declared = request.declarations().stream().anyMatch(d -> d.name().equals(name));
      engine
          .read(name)
          .filter(record -> !declared && record.removal() == null)
          .filter(record -> record.source().equals(request.source()))
          .ifPresent(record -> gone.add(name));
    }
    return gone;
  }

  private Instant now() {
    return engine.parts().timeline().now();
  }
}
