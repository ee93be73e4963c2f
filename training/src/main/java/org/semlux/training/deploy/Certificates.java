package org.semlux.training.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificates of one's own, such as Elasticsearch makes when it is set up.
 *
 * {@snippet lang=java :
 * SSLContext trust = Certificates.trust(Path.of("http_ca.crt"));
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("https://localhost:9200"),
 *         Optional.of("ApiKey …"),
 *         Optional.of(trust),
 *         Retry.DEFAULT,
 *         Proxies.NONE,
 *         System.err::println);
 * }
 */
public final class Certificates {
  private Certificates() {}

  /**
   * Trusts those that a file's certificates have signed, and nobody else.
   *
   * @param pem one or more X.509 certificates, in PEM or DER
   * @throws IOException when the file cannot be read or holds none
   */
  public static SSLContext trust(Path pem) throws IOException {
    try (InputStream file = Files.newInputStream(pem)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(file);
      if (found.isEmpty()) {
        throw new IOException("[" + pem + "] holds no certificate");
      }
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      for (Certificate certificate : found) {
        trusted.setCertificateEntry("ca-" + number++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (CertificateException e) {
      throw new IOException("[" + pem + "] holds no certificate in PEM", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("[" + pem + "] cannot be trusted here", e);
    }
  }
}
