package dev.vmctl.json;

import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProvisionStep;
import java.util.Map;

/** The words for the kinds of a thing, in its property {@code kind}; the same as in a VMFile. */
final class Kinds {
  static final String PROPERTY = "kind";

  static final Map<Class<?>, Map<String, Class<?>>> ALL =
      Map.of(
          NetworkSpec.class,
          Map.of(
              "user", NetworkSpec.User.class,
              "tap", NetworkSpec.Tap.class,
              "private", NetworkSpec.Private.class,
              "vnic", NetworkSpec.Vnic.class,
              "none", NetworkSpec.None.class),
          ProvisionStep.class,
          Map.of(
              "inline", ProvisionStep.Inline.class,
              "script", ProvisionStep.Script.class,
              "file", ProvisionStep.FileCopy.class),
          ProbeCheck.class,
          Map.of(
              "ssh", ProbeCheck.Ssh.class,
              "tcp", ProbeCheck.Tcp.class,
              "http", ProbeCheck.Http.class,
              "exec", ProbeCheck.Exec.class,
              "agent", ProbeCheck.Agent.class,
              "log", ProbeCheck.Log.class));

  private Kinds() {}
}
