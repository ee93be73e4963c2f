package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.lucene.search.Query;
import org.elasticsearch.common.CheckedSupplier;
import org.elasticsearch.index.mapper.NestedObjectMapper;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.index.query.support.NestedScope;

/**
 * Where queries about whole documents are made, whatever nested objects they stand in: within these
 * chunks would be joined to them, and within chunks a filter would look for nested objects there.
 * Elasticsearch itself joins what filters find to chunks.
 */
final class DocumentLevel {
  private DocumentLevel() {}

  /** What is made there. */
  static Query query(SearchExecutionContext context, CheckedSupplier<Query, IOException> query)
      throws IOException {
    NestedScope scope = context.nestedScope();
    Deque<NestedObjectMapper> levels = new ArrayDeque<>();
    while (scope.getObjectMapper() != null) {
      levels.push(scope.getObjectMapper());
      scope.previousLevel();
    }
    try {
      return query.get();
    } finally {
      levels.forEach(scope::nextLevel);
    }
  }
}
