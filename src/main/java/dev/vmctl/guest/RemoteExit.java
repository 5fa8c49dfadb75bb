package dev.vmctl.guest;

import java.util.Objects;

/** How a command in a guest ended. */
public sealed interface RemoteExit {
  /**
   * @param code 0 to 255
   */
  record Code(int code) implements RemoteExit {}

  /**
   * @param name without SIG, such as {@code KILL}
   */
  record Killed(String name) implements RemoteExit {
    public Killed {
      Objects.requireNonNull(name);
    }
  }

  default boolean succeeded() {
    return this instanceof Code ended && ended.code() == 0;
  }

  /** For people: {@code exit code 3}, {@code killed by SIGKILL}. */
  default String text() {
    return switch (this) {
      case Code ended -> "exit code " + ended.code();
      case Killed killed -> "killed by SIG" + killed.name();
    };
  }
}
