package org.semlux.plugin.reencode;

import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.plugins.FieldPredicate;
import org.elasticsearch.rest.RestStatus;

/**
 * Fields that a user may not see, by field level security: to that user documents come without
 * them, mapped or not, and would be written again without them.
 */
final class HiddenFields {
  private HiddenFields() {}

  /**
   * To be asked in the thread context of the user's request.
   *
   * @throws ElasticsearchStatusException where any field of the index may be hidden from the user:
   *     403
   */
  static void refuse(IndicesService indices, String index) {
    if (indices.getFieldFilter().apply(index) != FieldPredicate.ACCEPT_ALL) {
      throw new ElasticsearchStatusException(
          "field level security hides fields of index [{}] from you, and documents written again"
              + " would lose them: have a user ask who sees all fields",
          RestStatus.FORBIDDEN,
          index);
    }
  }
}
