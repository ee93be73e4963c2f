package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.semlux.training.deploy.Certificates;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Who asks a cluster, and whose signature is trusted: the same for every command that asks one. */
class ClusterOptions {
  @ArgGroup(exclusive = true)
  private LoginOptions login;

  @Option(
      names = "--ca-cert",
      paramLabel = "FILE",
      description =
          "The certificate of the authority that signed the cluster's, in PEM, such as"
              + " Elasticsearch's http_ca.crt; else the JDK's authorities are trusted.")
  private Optional<Path> caCertificate = Optional.empty();

  /** The Authorization header's value; empty: nobody's. */
  final Optional<String> authorization() throws IOException {
    return login == null ? Optional.empty() : Optional.of(login.authorization());
  }

  /** Who is trusted; empty: the JDK's authorities. */
  final Optional<SSLContext> trust() throws IOException {
    return caCertificate.isEmpty()
        ? Optional.empty()
        : Optional.of(Certificates.trust(caCertificate.get()));
  }
}
