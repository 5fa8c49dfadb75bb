package dev.vmctl.model;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The values of fields in the short form for tables and plans. */
public final class ValueText {
  private ValueText() {}

  /** The value of this field, with no more of a URL than may be shown. */
  public static String of(Field<?> field, Object value) {
    return field.equals(VmFields.IMAGE_URL) ? Withheld.from(value.toString()) : of(value);
  }

  /** Several in brackets, enums in their words, all else as it calls itself. */
  public static String of(Object value) {
    return switch (value) {
      case NetworkSpec network -> network.text();
      case ProvisionStep step -> step.text();
      case Accel accel -> accel.text();
      case BackendTag backend -> backend.text();
      case RestartPolicy restart -> restart.text();
      case OnRemove removal -> removal.text();
      case OnFailedReplace way -> way.text();
      case ApplyPolicy policy -> policy.text();
      case Dependency dependency -> dependency.text();
      case ProbeSpec probe -> probe.text();
      case DiskSpec disk -> disk.text();
      case NicSpec nic -> nic.text();
      case ForwardSpec forward -> forward.text();
      case ShareSpec share -> share.text();
      // Values of variables are nobody's business: a change of one shows as the same names.
      case EnvVariable variable -> variable.text();
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> entry.getKey() + "=" + entry.getValue())
              .collect(Collectors.joining(" ", "[", "]"));
      case List<?> list ->
          list.stream().map(ValueText::of).collect(Collectors.joining("; ", "[", "]"));
      default -> value.toString();
    };
  }
}
