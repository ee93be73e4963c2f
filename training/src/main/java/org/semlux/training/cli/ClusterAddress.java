package org.semlux.training.cli;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the address of a cluster. No message of it repeats what may hold a password. */
final class ClusterAddress implements ITypeConverter<URI> {
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
