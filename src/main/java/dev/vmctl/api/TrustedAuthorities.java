package dev.vmctl.api;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whose word a client takes for who a daemon is. */
public final class TrustedAuthorities {
  private TrustedAuthorities() {}

  /**
   * @param file PEM certificates, these and no others; null for those of the Java runtime
   * @throws VmException config.invalid when it is no such file
   */
  public static SSLContext context(@Nullable Path file) {
    try {
      if (file == null) {
        return SSLContext.getDefault();
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
        for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry(Integer.toString(store.size()), each);
        }
      }
      if (store.size() == 0) {
        throw new GeneralSecurityException("it has no certificate");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new VmException(
          ErrorCode.CONFIG_INVALID,
          "the certificates in " + file + " cannot be used: " + e.getMessage(),
          "name a file with PEM certificates, such as the daemon's own",
          e);
    }
  }
}
