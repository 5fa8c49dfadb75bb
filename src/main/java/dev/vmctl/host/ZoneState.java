package dev.vmctl.host;

import java.util.Arrays;
import java.util.Optional;

/** The states of a zone, in the words of zones(7). */
public enum ZoneState {
  /** Described, nothing of it on disk. */
  CONFIGURED("configured"),
  /** An install or uninstall is under way, or broke off. */
  INCOMPLETE("incomplete"),
  /** On disk, not running. */
  INSTALLED("installed"),
  /** Its platform is up, no process runs in it. */
  READY("ready"),
  RUNNING("running"),
  SHUTTING_DOWN("shutting_down"),
  /** Its processes have ended, its platform is still there. */
  DOWN("down"),
  /** Mounted for administration. */
  MOUNTED("mounted");

  private final String text;

  ZoneState(String text) {
    this.text = text;
  }

  /** As zoneadm writes it. */
  public String text() {
    return text;
  }

  static Optional<ZoneState> of(String text) {
    return Arrays.stream(values()).filter(state -> state.text.equals(text)).findFirst();
  }
}
