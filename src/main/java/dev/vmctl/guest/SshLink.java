package dev.vmctl.guest;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.jspecify.annotations.Nullable;

/** A session and, once it has broken, why: the library tells that to listeners only. */
final class SshLink implements SessionListener {
  private final ClientSession session;
  private final String address;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private SshLink(ClientSession session, String address) {
    this.session = session;
    this.address = address;
  }

  static SshLink of(ClientSession session, SshTarget target) {
    SshLink link = new SshLink(session, target.address());
    session.addSessionListener(link);
    return link;
  }

  ClientSession session() {
    return session;
  }

  @Override
  public void sessionException(Session from, Throwable cause) {
    failure.compareAndSet(null, cause);
  }

  @Override
  public void sessionDisconnect(
      Session from, int reason, String message, String language, boolean initiatedHere) {
    failure.compareAndSet(null, new java.io.IOException("the server disconnected: " + message));
  }

  /**
   * What to tell of a connection that is gone.
   *
   * @param seen what the caller met; null if only that there was no answer
   */
  VmException broken(@Nullable Throwable seen) {
    Throwable first = failure.get();
    Throwable cause = first == null ? seen : first;
    String reason = cause == null ? "the server closed it" : String.valueOf(cause.getMessage());
    return new VmException(
        ErrorCode.SSH_FAILED,
        "the connection to the guest's SSH server at " + address + " broke: " + reason,
        "the guest may have rebooted, stopped or lost its network; vmctl status tells which",
        cause);
  }
}
