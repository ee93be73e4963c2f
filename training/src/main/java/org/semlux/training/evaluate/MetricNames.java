package org.semlux.training.evaluate;

/**
 * How the reference names an evaluation's metrics and files.
 *
 * @param name of the data set, such as {@code sts-dev}; may be empty
 */
record MetricNames(String name) {
  MetricNames {
    if (name.contains("/") || name.contains("\\")) {
      throw new IllegalArgumentException(
          "the name [" + name + "] becomes part of a file name: it cannot hold slashes");
    }
  }

  /** {@code [name_]metric}. */
  String key(String metric) {
    return name.isEmpty() ? metric : name + "_" + metric;
  }

  /** {@code evaluation[_name]_results.csv}. */
  String file(String evaluation) {
    return file(evaluation, "");
  }

  /** {@code evaluation[_name]_results{suffix}.csv}. */
  String file(String evaluation, String suffix) {
    return evaluation + (name.isEmpty() ? "" : "_" + name) + "_results" + suffix + ".csv";
  }
}
