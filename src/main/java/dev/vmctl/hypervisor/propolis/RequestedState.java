package dev.vmctl.hypervisor.propolis;

/** What can be asked of an instance. A stop is hard: the guest is not told. */
enum RequestedState {
  RUN("Run"),
  STOP("Stop");

  private final String text;

  RequestedState(String text) {
    this.text = text;
  }

  /** As sent. */
  String text() {
    return text;
  }
}
