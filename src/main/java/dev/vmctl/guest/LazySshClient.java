package dev.vmctl.guest;

import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.config.keys.ClientIdentityLoader;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.compression.BuiltinCompressions;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.forward.DefaultForwarderFactory;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.random.JceRandomFactory;
import org.apache.sshd.common.random.SingletonRandomFactory;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/**
 * The one SSH client of an engine, started when it is first needed: its classes cost a second of a
 * cold start, so nothing that needs no SSH pays for them.
 *
 * <p>It proposes what every SSH server of the last ten years has, the cheapest first, and reads no
 * configuration of the user's: how a guest is reached is said by its VM alone.
 */
final class LazySshClient implements AutoCloseable {
  /** Where a connection carries its host key check. */
  static final AttributeKey<HostKeyCheck> HOST_KEY_CHECK = new AttributeKey<>();

  private static final int MISSED_HEARTBEATS = 3;

  private final Duration heartbeat;
  private @Nullable SshClient client;
  private boolean closed;

  /**
   * @param heartbeat how often a connection is probed; three probes without an answer end it
   */
  LazySshClient(Duration heartbeat) {
    this.heartbeat = heartbeat;
  }

  /**
   * @throws IllegalStateException after {@link #close}
   */
  synchronized SshClient get() {
    if (closed) {
      throw new IllegalStateException("the SSH client is closed");
    }
    SshClient current = client;
    if (current == null) {
      current = create();
      current.start();
      client = current;
    }
    return current;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.stop();
      client = null;
    }
  }

  private SshClient create() {
    SshClient made = new SshClient();
    made.setRandomFactory(new SingletonRandomFactory(JceRandomFactory.INSTANCE));
    propose(made);
    made.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    made.setServerKeyVerifier((session, address, key) -> check(session).accepts(key));
    made.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
    made.setClientIdentityLoader(ClientIdentityLoader.DEFAULT);
    made.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    made.setFilePasswordProvider(FilePasswordProvider.EMPTY);
    made.setForwarderFactory(DefaultForwarderFactory.INSTANCE);
    made.setGlobalRequestHandlers(ClientBuilder.DEFAULT_GLOBAL_REQUEST_HANDLERS);
    CoreModuleProperties.HEARTBEAT_INTERVAL.set(made, heartbeat);
    CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(made, MISSED_HEARTBEATS);
    // A provision step may be silent for longer than any limit; the heartbeat tells if it is dead.
    CoreModuleProperties.IDLE_TIMEOUT.set(made, Duration.ZERO);
    CoreModuleProperties.TCP_NODELAY.set(made, true);
    CoreModuleProperties.SOCKET_KEEPALIVE.set(made, true);
    return made;
  }

  private static void propose(SshClient made) {
    made.setKeyExchangeFactories(
        NamedFactory.setUpTransformedFactories(
            false,
            List.of(
                BuiltinDHFactories.curve25519,
                BuiltinDHFactories.curve25519_libssh,
                BuiltinDHFactories.ecdhp256,
                BuiltinDHFactories.dhg14_256),
            ClientBuilder.DH2KEX));
    made.setSignatureFactories(
        List.of(
            BuiltinSignatures.ed25519,
            BuiltinSignatures.nistp256,
            BuiltinSignatures.nistp384,
            BuiltinSignatures.nistp521,
            BuiltinSignatures.rsaSHA512,
            BuiltinSignatures.rsaSHA256));
    made.setCipherFactories(
        List.of(
            BuiltinCiphers.aes128gcm,
            BuiltinCiphers.cc20p1305_openssh,
            BuiltinCiphers.aes256gcm,
            BuiltinCiphers.aes128ctr,
            BuiltinCiphers.aes256ctr));
    made.setMacFactories(
        List.of(BuiltinMacs.hmacsha256etm, BuiltinMacs.hmacsha512etm, BuiltinMacs.hmacsha256));
    made.setCompressionFactories(List.of(BuiltinCompressions.none));
  }

  private static HostKeyCheck check(ClientSession session) {
    AttributeRepository context = session.getConnectionContext();
    HostKeyCheck check = context == null ? null : context.getAttribute(HOST_KEY_CHECK);
    if (check == null) {
      throw new IllegalStateException("a connection without a host key check");
    }
    return check;
  }
}
