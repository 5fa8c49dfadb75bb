package dev.vmctl.host.fake;

/** Our process is killed here. An error, so that nothing on the way up handles it. */
public final class HostCrash extends Error {
  private static final long serialVersionUID = 1L;

  HostCrash(String where) {
    super(where);
  }
}
