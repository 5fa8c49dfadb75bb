package dev.vmctl.daemon;

import dev.vmctl.controller.Observer;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.quarkus.arc.DefaultBean;
import jakarta.inject.Singleton;

/** Stands where the engine is wired in; goes when it is. */
@Singleton
@DefaultBean
final class MissingEngine implements EngineOpener {
  @Override
  public RunningEngine open(DaemonSettings settings, Observer observer) {
    throw new VmException(ErrorCode.INTERNAL, "this build has no engine", "");
  }
}
