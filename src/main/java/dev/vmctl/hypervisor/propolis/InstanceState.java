package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The states of an instance, in propolis-server's own words. */
enum InstanceState {
  /** Its parts are there, nothing runs before {@link RequestedState#RUN}. */
  @JsonProperty("Creating")
  CREATING,
  @JsonProperty("Starting")
  STARTING,
  @JsonProperty("Running")
  RUNNING,
  @JsonProperty("Stopping")
  STOPPING,
  @JsonProperty("Stopped")
  STOPPED,
  @JsonProperty("Rebooting")
  REBOOTING,
  @JsonProperty("Migrating")
  MIGRATING,
  /** In the document, never published. */
  @JsonProperty("Repairing")
  REPAIRING,
  @JsonProperty("Failed")
  FAILED,
  /** Nothing of it is left; the server takes another one. */
  @JsonProperty("Destroyed")
  DESTROYED;

  /** Whether it will never run again. */
  boolean isOver() {
    return switch (this) {
      case STOPPED, FAILED, DESTROYED -> true;
      case CREATING, STARTING, RUNNING, STOPPING, REBOOTING, MIGRATING, REPAIRING -> false;
    };
  }
}
