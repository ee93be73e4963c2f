package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.semlux.training.deploy.Certificates;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Where a cluster is, as a command was told.
 *
 * @param option that holds it
 */
record ClusterAddress(String option, URI url, CommandSpec spec) {
  /** What the option {@code --ca-cert} is for. */
  static final String CA_CERTIFICATE =
      "The certificate of the authority that signed the cluster's, in PEM, such as Elasticsearch's"
          + " http_ca.crt; else the JDK's authorities are trusted.";

  /** Refuses what is no address. */
  void check() {
    String authority = url.getRawAuthority();
    if (authority != null && authority.contains("@")) { // not for messages
      throw new ParameterException(
          spec.commandLine(), option + " holds a login: give it by --user and --password-file");
    }
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null || url.getQuery() != null) {
      throw new ParameterException(
          spec.commandLine(),
          option + " [" + url + "] is no address such as http://localhost:9200");
    }
  }

  /**
   * The cluster, which nothing is asked yet.
   *
   * @param login null: nobody's
   * @param caCertificate whose signature is trusted
   */
  Cluster open(LoginOptions login, Optional<Path> caCertificate) throws IOException {
    check();
    Optional<SSLContext> trust =
        caCertificate.isEmpty()
            ? Optional.empty()
            : Optional.of(Certificates.trust(caCertificate.get()));
    PrintWriter err = spec.commandLine().getErr();
    return new Cluster(
        url,
        login == null ? Optional.empty() : Optional.of(login.authorization()),
        trust,
        Retry.DEFAULT,
        Proxies.of(System.getenv()),
        notice -> err.println("semlux: " + notice));
  }
}
