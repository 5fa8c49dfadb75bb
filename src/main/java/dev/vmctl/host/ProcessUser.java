package dev.vmctl.host;

import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Whose rights a process has.
 *
 * @param uid its effective user
 * @param gid its effective group; others that it may be in are not looked at
 */
public record ProcessUser(int uid, int gid) {
  private static final int OWNER_SHIFT = 6;
  private static final int GROUP_SHIFT = 3;
  private static final int EXECUTE = 1;

  public boolean isRoot() {
    return uid == 0;
  }

  /**
   * Whether this user may open what is below a directory, as far as its owner, group and mode tell.
   *
   * @throws VmException IO when the directory cannot be looked at
   */
  public boolean mayPass(Path directory) {
    try {
      Map<String, Object> facts = Files.readAttributes(directory, "unix:uid,gid,mode");
      int mode = (int) Objects.requireNonNull(facts.get("mode"));
      boolean owns = Objects.equals(facts.get("uid"), uid);
      boolean belongs = Objects.equals(facts.get("gid"), gid);
      int shift = owns ? OWNER_SHIFT : belongs ? GROUP_SHIFT : 0;
      return isRoot() || (mode >> shift & EXECUTE) != 0;
    } catch (IOException e) {
      throw AtomicFiles.failure("look at", directory, e);
    }
  }
}
