package org.semlux.plugin.reencode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.reencode.DocumentChecks.Outdated;
import org.semlux.plugin.reencode.DocumentChecks.Refused;
import org.semlux.plugin.reencode.DocumentChecks.Verdict;

/**
 * Looks whether {@code semlux_text} fields hold what the models and options that the mapping names
 * now make of their texts: each document tells by what and of what its own chunks were made.
 */
final class FieldChecks implements Checks {
  private final ThreadPool threadPool;
  private final TextFields fields;

  FieldChecks(ThreadPool threadPool, TextFields fields) {
    this.threadPool = threadPool;
    this.fields = fields;
  }

  @Override
  public QueryBuilder query() {
    return QueryBuilders.matchAllQuery();
  }

  @Override
  public void check(SearchHit[] hits, ActionListener<List<Verdict>> listener) {
    threadPool.generic().execute(ActionRunnable.supply(listener, () -> verdicts(hits)));
  }

  private List<Verdict> verdicts(SearchHit[] hits) throws IOException {
    List<Verdict> found = new ArrayList<>();
    for (SearchHit hit : hits) {
      if (hit.getSourceRef() == null) {
        found.add(new Refused(hit, "it has no [_source] to be written again from"));
      } else if (isOutdated(hit)) {
        found.add(new Outdated(hit));
      }
    }
    return found;
  }

  private boolean isOutdated(SearchHit hit) throws IOException {
    try {
      return fields.isOutdated(hit.getIndex(), hit.getSourceRef());
    } catch (ElasticsearchException | IllegalArgumentException e) {
      return true; // what fails here fails in earnest too, and then tells why
    }
  }
}
