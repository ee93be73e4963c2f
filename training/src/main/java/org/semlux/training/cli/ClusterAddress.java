package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
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

  /** The cluster, which nothing is asked yet. */
  Cluster open(ClusterOptions access) throws IOException {
    check();
    PrintWriter err = spec.commandLine().getErr();
    return new Cluster(
        url,
        access.authorization(),
        access.trust(),
        Retry.DEFAULT,
        Proxies.of(System.getenv()),
        notice -> err.println("semlux: " + notice));
  }
}
