package org.semlux.training.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model's place on a hub.
 *
 * {@snippet lang=java :
 * HubModel model = new HubModel("sentence-transformers/all-MiniLM-L6-v2", "main");
 * }
 *
 * @param id organization and name, such as {@code sentence-transformers/all-MiniLM-L6-v2}
 * @param revision a branch, a tag, a commit or a reference such as {@code refs/pr/1}
 */
public record HubModel(String id, String revision) {
  private static final Pattern ID = Pattern.compile("\\w[\\w.-]{0,95}/\\w[\\w.-]{0,95}");
  private static final Pattern REVISION = Pattern.compile("[^\\p{Cntrl}\\s./][^\\p{Cntrl}\\s]*");

  public HubModel {
    if (!ID.matcher(id).matches() || id.contains("..")) {
      throw new IllegalArgumentException(
          "[%s] is no model of a hub: name it as ORG/NAME, such as %s"
              .formatted(id, "sentence-transformers/all-MiniLM-L6-v2"));
    }
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new IllegalArgumentException(
          "[" + revision + "] is no revision: name a branch, a tag or a commit, such as main");
    }
  }

  /** Lists the files with sizes and hashes, in pages. */
  URI tree(URI endpoint) {
    return api(endpoint, "tree", "?recursive=true");
  }

  /** Describes the model; where a hub has no tree, its files are taken from here. */
  URI description(URI endpoint) {
    return api(endpoint, "revision", "?blobs=true");
  }

  private URI api(URI endpoint, String what, String query) {
    return URI.create(endpoint + "/api/models/" + id + "/" + what + "/" + encode(revision) + query);
  }

  /** The content of a file. */
  URI content(URI endpoint, String path) {
    String encoded =
        Arrays.stream(path.split("/")).map(HubModel::encode).collect(Collectors.joining("/"));
    return URI.create(endpoint + "/" + id + "/resolve/" + encode(revision) + "/" + encoded);
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return revision.equals("main") ? id : id + " at " + revision;
  }
}
