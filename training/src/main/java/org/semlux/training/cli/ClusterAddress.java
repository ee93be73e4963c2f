package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Where a cluster is, as a command was told. */
record ClusterAddress(URI url, CommandSpec spec) {
  /** Reads an address. No message of it repeats what may hold a password. */
  static final class Converter implements ITypeConverter<URI> {
    @Override
    public URI convert(String value) {
      if (value.contains("@")) {
        throw new TypeConversionException("a login in it: give it by --user and --password-file");
      }
      try {
        URI url = new URI(value);
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (http && url.getHost() != null && url.getQuery() == null && url.getFragment() == null) {
          return url;
        }
      } catch (URISyntaxException e) {
        // Said below, as for addresses of another kind.
      }
      String shown = value.replaceFirst("[?#].*", "");
      throw new TypeConversionException(
          "[" + shown + "] is no address such as http://localhost:9200");
    }
  }

  /** The cluster, which nothing is asked yet. */
  Cluster open(ClusterOptions access) throws IOException {
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
