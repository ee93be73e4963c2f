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
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
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
  private Path caCertificate;

  /**
   * The cluster, which nothing is asked yet.
   *
   * @param command is told why a request is tried again
   */
  final Cluster open(URI url, CommandSpec command) throws IOException {
    PrintWriter err = command.commandLine().getErr();
    new GivenOptions(command)
        .require(
            caCertificate == null || "https".equalsIgnoreCase(url.getScheme()),
            "--ca-cert is of https, and " + url + " is none: leave it out, or say https");
    Optional<String> authorization =
        login == null ? Optional.empty() : Optional.of(login.authorization());
    Optional<SSLContext> trust =
        caCertificate == null ? Optional.empty() : Optional.of(Certificates.trust(caCertificate));
    return new Cluster(
        url,
        authorization,
        trust,
        Retry.DEFAULT,
        Proxies.of(System.getenv()),
        notice -> err.println("semlux: " + notice));
  }
}
