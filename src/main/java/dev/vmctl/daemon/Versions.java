package dev.vmctl.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Versions of VMs as clients see them: {@code ETag} of a status, {@code If-Match} of a command. A
 * version stands for what was seen, so it outlives the daemon, and one that is given is compared
 * with what there is now. Of two commands with one version, one is too late.
 */
@ApplicationScoped
class Versions {
  /** What changes without anybody's doing, or is told by one answer and not by another. */
  private static final List<String> LEFT_OUT = List.of("guest", "fields");

  private static final int LOCKS = 64;

  private final Vmctl vmctl;
  private final List<ReentrantLock> locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

  Versions(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  /** As it stands in a header; null when there is no such VM. */
  @Nullable String tag(VmName name) {
    return vmctl.changes(Set.of(name), 0, Duration.ZERO).vms().stream()
        .findFirst()
        .map(this::tag)
        .orElse(null);
  }

  private String tag(VmStatus status) {
    try {
      ObjectNode told = Json.mapper().valueToTree(status);
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(Json.mapper().writeValueAsBytes(told.remove(LEFT_OUT)));
      return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
    } catch (JsonProcessingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("our own records can be written, and digested", e);
    }
  }

  /**
   * Does something with a VM, if it is still as its client saw it.
   *
   * @param seen {@code If-Match} of the request; null when it is done however the VM is
   * @throws VmException version.stale
   */
  <T> T ifStill(@Nullable String seen, VmName name, Supplier<T> action) {
    ReentrantLock lock = locks.get(Math.floorMod(name.hashCode(), LOCKS));
    lock.lock();
    try {
      if (seen != null && !seen.strip().equals("*")) {
        String now = tag(name);
        if (now != null
            && Arrays.stream(seen.split(",")).noneMatch(each -> each.strip().equals(now))) {
          throw new VmException(
              ErrorCode.VERSION_STALE,
              name + " has changed since it was looked at",
              "look at it again, and ask with the ETag of that answer");
        }
      }
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
