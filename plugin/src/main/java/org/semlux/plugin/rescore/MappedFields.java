package org.semlux.plugin.rescore;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.elasticsearch.ElasticsearchSecurityException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.action.fieldcaps.FieldCapabilitiesRequest;
import org.elasticsearch.action.fieldcaps.FieldCapabilitiesResponse;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.client.internal.Client;
import org.semlux.encoders.api.Excerpt;

/** Finds out whether the fields that are to be read exist: an index may lack one, not all may. */
public final class MappedFields {
  private static final Set<String> HOLD_NO_TEXT =
      Set.of("object", "nested", "dense_vector", "sparse_vector", "rank_vectors", "rank_features");

  private MappedFields() {}

  /**
   * Asks as the user does who searches.
   *
   * @param listener gets those of the fields that no index of the search maps to something with a
   *     string form; none where the user may not ask
   */
  public static void missing(
      Client client,
      ResolvedIndices indices,
      List<String> fields,
      ActionListener<Set<String>> listener) {
    ask(client, indices, fields, found -> missing(fields, found), Set.of(), listener);
  }

  /**
   * Asks as the user does who searches.
   *
   * @param listener gets whether any index of the search has a field of that name, or below it, of
   *     whatever type; true where the user may not ask
   */
  public static void isMapped(
      Client client, ResolvedIndices indices, String field, ActionListener<Boolean> listener) {
    String below = field + ".";
    ask(
        client,
        indices,
        List.of(field, below + "*"), // an object is found by what is below it alone
        found ->
            found.get().keySet().stream()
                .anyMatch(name -> name.equals(field) || name.startsWith(below)),
        true,
        listener);
  }

  /**
   * @param unknown the answer where the user may not ask
   */
  private static <T> void ask(
      Client client,
      ResolvedIndices indices,
      List<String> fields,
      Function<FieldCapabilitiesResponse, T> answer,
      T unknown,
      ActionListener<T> listener) {
    var local =
        Stream.ofNullable(indices.getLocalIndices()).flatMap(i -> Arrays.stream(i.indices()));
    var remote =
        indices.getRemoteClusterIndices().entrySet().stream()
            .flatMap(
                cluster ->
                    Arrays.stream(cluster.getValue().indices())
                        .map(name -> cluster.getKey() + ":" + name));
    var request =
        new FieldCapabilitiesRequest()
            .fields(fields.toArray(String[]::new))
            .indices(Stream.concat(local, remote).toArray(String[]::new))
            .indicesOptions(IndicesOptions.lenientExpandOpen());
    client.fieldCaps(
        request,
        ActionListener.wrap(
            found -> listener.onResponse(answer.apply(found)),
            e -> {
              if (e instanceof ElasticsearchSecurityException) {
                listener.onResponse(unknown);
              } else {
                listener.onFailure(e);
              }
            }));
  }

  private static Set<String> missing(List<String> fields, FieldCapabilitiesResponse found) {
    Set<String> missing = new TreeSet<>(fields);
    missing.removeIf(
        name ->
            found.getField(name) != null
                && !HOLD_NO_TEXT.containsAll(found.getField(name).keySet()));
    return missing;
  }

  /** Whether values of a type have a string form. */
  static boolean isReadable(String type) {
    return !HOLD_NO_TEXT.contains(type);
  }

  /** Says that one of several fields is missing, or of a type without a string form. */
  public static IllegalArgumentException refused(String field) {
    return new IllegalArgumentException(
        "[field] names [%s], and no index of the search has a field of that name that can be read"
            .formatted(Excerpt.of(field)));
  }
}
