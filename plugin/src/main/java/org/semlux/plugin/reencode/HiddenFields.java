package org.semlux.plugin.reencode;

import java.util.Set;
import java.util.TreeSet;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.fieldcaps.FieldCapabilitiesRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.rest.RestStatus;

/**
 * Fields that a user may not see, by field level security: to that user documents come without
 * them, and would be written again without them.
 */
final class HiddenFields {
  private HiddenFields() {}

  /**
   * @param asUser asks as the user
   * @param mapped all fields of the indices
   * @param listener fails with 403 where one is hidden
   */
  static void refuse(
      Client asUser, ReencodeRequest request, Set<String> mapped, ActionListener<Void> listener) {
    FieldCapabilitiesRequest visible =
        new FieldCapabilitiesRequest()
            .indices(request.indices())
            .indicesOptions(request.indicesOptions())
            .fields("*");
    asUser.fieldCaps(
        visible,
        listener.map(
            seen -> {
              if (!seen.getFailures().isEmpty()) {
                throw seen.getFailures().get(0).getException();
              }
              Set<String> hidden = new TreeSet<>(mapped);
              hidden.removeAll(seen.get().keySet());
              if (!hidden.isEmpty()) {
                throw new ElasticsearchStatusException(
                    "fields {} are hidden from you, and documents written again would lose them:"
                        + " have a user ask who sees all fields",
                    RestStatus.FORBIDDEN,
                    hidden);
              }
              return null;
            }));
  }
}
