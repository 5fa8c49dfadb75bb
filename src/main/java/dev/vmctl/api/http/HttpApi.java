package dev.vmctl.api.http;

import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.List;

/** The words that the daemon and its client agree on. */
public final class HttpApi {
  /** On every response: the version of the daemon. */
  public static final String VERSION_HEADER = "Vmctl-Version";

  /** On pieces of a log: the offset of the byte after the piece. */
  public static final String NEXT_OFFSET_HEADER = "Vmctl-Next-Offset";

  /** Content type of errors (RFC 9457), see {@link Problem}. */
  public static final String PROBLEM_TYPE = "application/problem+json";

  /** Body of {@code POST /v1/trash/empty}. */
  public record EmptyTrash(List<String> ids) {
    public EmptyTrash {
      ids = List.copyOf(ids);
    }
  }

  /** Answer of {@code POST /v1/trash/empty}. */
  public record Emptied(int count) {}

  /** Answer of {@code POST /v1/trash/{id}/restore}. */
  public record Restored(VmName name) {}

  private HttpApi() {}

  /** Where the daemon of this data directory listens. */
  public static Path socket(Path dataDirectory) {
    return dataDirectory.resolve("vmctl.sock");
  }
}
