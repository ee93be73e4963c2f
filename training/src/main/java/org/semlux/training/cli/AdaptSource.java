package org.semlux.training.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.semlux.training.index.Index;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where the texts are. */
final class AdaptSource {
  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      required = true,
      description = "The texts: JSON lines, with _id perhaps, or a text a line.")
  Path corpus;

  @ArgGroup(exclusive = false)
  InCluster cluster;

  /** An index that may be read. */
  static final class InCluster extends ClusterOptions {
    @Option(
        names = "--from",
        paramLabel = "URL",
        converter = ClusterAddress.Converter.class,
        required = true,
        description = "Or a node's address, such as http://localhost:9200.")
    URI url;

    @Option(
        names = "--index",
        paramLabel = "NAME",
        required = true,
        description = "And the index, of which the privilege read is needed.")
    String index;

    Index open(CommandSpec spec) throws IOException {
      return new Index(new ClusterAddress(url, spec).open(this), index);
    }
  }
}
