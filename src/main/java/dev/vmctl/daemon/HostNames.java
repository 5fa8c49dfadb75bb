package dev.vmctl.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names a TCP server answers to. A page of somebody else's can have its own name point to us;
 * then the browser takes us for that page's host, and the {@code Host} header is how we know.
 * Numeric addresses cannot be pointed anywhere; of names there are those of the certificate.
 */
final class HostNames {
  private static final Pattern NUMERIC =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

  private final Set<String> names = new TreeSet<>(Set.of("localhost"));

  HostNames(@Nullable Path certificate) throws IOException, CertificateException {
    if (certificate != null) {
      try (InputStream in = Files.newInputStream(certificate)) {
        X509Certificate own =
            (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        Collection<List<?>> others = own.getSubjectAlternativeNames();
        if (others != null) {
          others.forEach(each -> names.add(each.get(1).toString().toLowerCase(Locale.ROOT)));
        }
      }
    }
  }

  /**
   * @param authority of the {@code Host} header
   */
  boolean has(@Nullable String authority) {
    if (authority == null) {
      return false;
    }
    String host = authority.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    return NUMERIC.matcher(host).matches() || names.contains(host) || isWildcard(host);
  }

  private boolean isWildcard(String host) {
    int dot = host.indexOf('.');
    return dot > 0 && names.contains("*" + host.substring(dot));
  }
}
