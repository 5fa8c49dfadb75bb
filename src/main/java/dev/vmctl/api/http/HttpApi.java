package dev.vmctl.api.http;

import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words that the daemon and its client agree on. */
public final class HttpApi {
  /** Name of the daemon's socket in its data directory. */
  public static final String SOCKET = "vmctl.sock";

  /** Name of the file that says where the socket is when its path would be too long for one. */
  public static final String SOCKET_POINTER = "vmctl.sock.path";

  /** Who may use the socket of the system's daemon, beside root. */
  public static final String SYSTEM_GROUP = "vmctl";

  /** On every response: the version of the daemon. */
  public static final String VERSION_HEADER = "Vmctl-Version";

  /** On pieces of a log, and on events: where the next ones are. */
  public static final String NEXT_OFFSET_HEADER = "Vmctl-Next-Offset";

  /** Content type of errors (RFC 9457), see {@link Problem}. */
  public static final String PROBLEM_TYPE = "application/problem+json";

  /** Where VMs are followed, as server-sent events. */
  public static final String WATCH = "/v1/watch";

  /** Where a link to the page is asked for. */
  public static final String DASHBOARD = "/v1/dashboard";

  /** Answer of {@code POST /v1/dashboard}. */
  public record Link(String url) {}

  /** Names of the events of {@link #WATCH}. */
  public static final String EVENT_VM = "vm";

  public static final String EVENT_GONE = "gone";
  public static final String EVENT_SYNCED = "synced";

  /** Data of {@link #EVENT_GONE}. */
  public record Gone(VmName name) {}

  /** Data of {@link #EVENT_SYNCED}: all there was up to this version has been told. */
  public record Synced(long version) {}

  /** Body of {@code POST /v1/trash/empty}. */
  public record EmptyTrash(List<String> ids) {
    public EmptyTrash {
      ids = List.copyOf(ids);
    }
  }

  /** Answer of {@code POST /v1/trash/empty}. */
  public record Emptied(int count) {}

  /** Body of {@code POST /v1/vms/{name}/export}. */
  public record Export(Path file) {}

  /** Body of {@code POST /v1/import}; without a name it is that in the file. */
  public record Import(Path file, @Nullable VmName name) {}

  /** Answer of {@code POST /v1/import} and of {@code POST /v1/trash/{id}/restore}. */
  public record Named(VmName name) {}

  /** Answer of {@code POST /v1/vms/{name}/programs}. */
  public record Started(long id) {}

  /** Answer of {@code GET /v1/vms/{name}/log/{kind}/offset}. */
  public record Offset(long offset) {}

  private HttpApi() {}

  /** Where the daemon of this data directory listens, or would. */
  public static Path socket(Path dataDirectory) {
    Path near = dataDirectory.resolve(SOCKET);
    try {
      Path pointer = dataDirectory.resolve(SOCKET_POINTER);
      return Files.exists(pointer) ? Path.of(Files.readString(pointer).strip()) : near;
    } catch (IOException gone) {
      // The daemon that wrote it has ended since: nobody listens, here or there.
      return near;
    }
  }
}
