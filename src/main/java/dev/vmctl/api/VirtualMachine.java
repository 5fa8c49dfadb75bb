package dev.vmctl.api;

import dev.vmctl.api.VmStatus.FieldView;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A VM in the shape that Kubernetes gives its objects, for what reads those.
 *
 * @param spec what is declared: a VMFile's fields by their paths, and their values as text
 * @param status all there is to say of it, as {@code vmctl status -o json}
 */
public record VirtualMachine(
    String apiVersion, String kind, Metadata metadata, Map<String, String> spec, VmStatus status) {
  private static final String API_VERSION = "vmctl.dev/v1";
  private static final String KIND = "VirtualMachine";

  public VirtualMachine {
    spec = Collections.unmodifiableMap(new TreeMap<>(spec));
  }

  /**
   * Which one it is.
   *
   * @param resourceVersion the {@code ETag} to ask for a change with; null when it has just gone
   * @param annotations {@code vmctl.dev/source}: where it is declared
   */
  public record Metadata(
      String name,
      String uid,
      long generation,
      @Nullable String resourceVersion,
      Map<String, String> labels,
      Map<String, String> annotations) {}

  /**
   * Several.
   *
   * @param items in the order of their names
   */
  public record Several(String apiVersion, String kind, List<VirtualMachine> items) {
    public Several {
      items = List.copyOf(items);
    }

    public static Several of(List<VirtualMachine> items) {
      return new Several(API_VERSION, KIND + "List", items);
    }
  }

  /**
   * @param version its ETag; null when there is none
   */
  public static VirtualMachine of(VmStatus status, @Nullable String version) {
    Map<String, String> declared = new TreeMap<>();
    for (FieldView field : status.fields()) {
      if (field.declared() != null) {
        declared.put(field.path(), field.declared());
      }
    }
    VmSummary summary = status.summary();
    return new VirtualMachine(
        API_VERSION,
        KIND,
        new Metadata(
            summary.name(),
            status.uuid(),
            status.generation(),
            version,
            summary.labels(),
            Map.of("vmctl.dev/source", summary.source())),
        declared,
        status.withFields(List.of()));
  }
}
