package org.semlux.training.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.adapt.AdaptationPlan;
import org.semlux.training.adapt.Documents;
import org.semlux.training.data.CorpusFile;
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
      description =
          "The texts: JSON lines, with _id (else id) perhaps; a header with such names in .csv, or"
              + " between tabs; a tab between id and text (.tsv); or a text a line.")
  Path corpus;

  @ArgGroup(exclusive = false)
  InCluster cluster;

  /** An index that may be read. */
  static final class InCluster extends ClusterOptions {
    @Option(
        names = "--from",
        paramLabel = "URL",
        converter = ClusterAddress.class,
        required = true,
        description = "Or a node's address, such as http://localhost:9200.")
    URI url;

    @Option(
        names = "--index",
        paramLabel = "NAME",
        required = true,
        description = "And the index, of which the privilege read is needed.")
    String index;

    private Index open(CommandSpec spec) throws IOException {
      return new Index(open(url, spec), index);
    }
  }

  /** Whether documents have fields, and are no mere lines. */
  boolean hasFields(String field, String titleField) throws IOException {
    return corpus == null || new CorpusFile(corpus, field, titleField).namesFields();
  }

  /**
   * What is read.
   *
   * @param most documents that are taken
   */
  AdaptationPlan.Corpus corpus(Documents documents, int most, CommandSpec spec) throws IOException {
    return cluster == null
        ? new AdaptationPlan.Corpus(
            Sha256.of(corpus), Optional.empty(), Optional.of(corpus), documents, most)
        : new AdaptationPlan.Corpus(
            cluster.url + " " + cluster.index,
            Optional.of(cluster.open(spec)),
            Optional.empty(),
            documents,
            most);
  }
}
