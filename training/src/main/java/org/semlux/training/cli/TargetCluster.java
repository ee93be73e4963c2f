package org.semlux.training.cli;

import java.io.IOException;
import java.net.URI;
import org.semlux.training.deploy.Cluster;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The cluster that a model goes to, or that two of its models are asked in. */
final class TargetCluster {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(
      names = "--to",
      paramLabel = "URL",
      converter = ClusterAddress.class,
      required = true,
      order = -2, // first, where a mixin's own mixins would be
      description = "A node's address, such as http://localhost:9200.")
  private URI url;

  @Mixin private ClusterOptions access;

  /** The cluster, which nothing is asked yet. */
  Cluster open() throws IOException {
    return access.open(url, command);
  }
}
