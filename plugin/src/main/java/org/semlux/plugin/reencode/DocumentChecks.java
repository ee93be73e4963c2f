package org.semlux.plugin.reencode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.common.document.DocumentField;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.ingest.Pipeline;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.ingest.processor.DryRun;
import org.semlux.ingest.processor.DryRun.Finding;

/**
 * Tells which documents have work in them, by a dry run of the pipeline over each: their marks'
 * versions and hashes against what the pipeline would write now. So it finds texts that were
 * changed and encodings that were deleted behind the pipeline's back, in every element of an array,
 * however the marks are mapped.
 */
final class DocumentChecks implements Checks {
  private final ThreadPool threadPool;
  private final Supplier<Pipeline> pipeline;
  private final UnkeptOutputs unkept;

  /** What is to become of a document. */
  sealed interface Verdict {
    SearchHit hit();
  }

  /** It is written again. */
  record Outdated(SearchHit hit) implements Verdict {}

  /** It would lose by it. */
  record Refused(SearchHit hit, String reason) implements Verdict {}

  /**
   * @param pipeline as it is now: it may change while a run goes on
   */
  DocumentChecks(ThreadPool threadPool, Supplier<Pipeline> pipeline, UnkeptOutputs unkept) {
    this.threadPool = threadPool;
    this.pipeline = pipeline;
    this.unkept = unkept;
  }

  /** Finds every document, and with each which outputs it has that its source does not show. */
  @Override
  public QueryBuilder query() {
    BoolQueryBuilder query = QueryBuilders.boolQuery().filter(QueryBuilders.matchAllQuery());
    for (String output : unkept.all()) {
      query.should(QueryBuilders.existsQuery(output).queryName(output));
    }
    return query;
  }

  @Override
  public void check(SearchHit[] hits, ActionListener<List<Verdict>> listener) {
    threadPool
        .generic()
        .execute(ActionRunnable.wrap(listener, l -> check(hits, pipeline.get(), l)));
  }

  private void check(SearchHit[] hits, Pipeline now, ActionListener<List<Verdict>> listener) {
    AtomicReferenceArray<Verdict> verdicts = new AtomicReferenceArray<>(hits.length);
    try (var all =
        new RefCountingListener(
            listener.map(
                unused -> {
                  List<Verdict> found = new ArrayList<>();
                  for (int i = 0; i < hits.length; i++) {
                    if (verdicts.get(i) != null) {
                      found.add(verdicts.get(i));
                    }
                  }
                  return found;
                }))) {
      for (int i = 0; i < hits.length; i++) {
        int place = i;
        SearchHit hit = hits[i];
        if (hit.getSourceRef() == null) {
          verdicts.set(i, new Refused(hit, "it has no [_source] to be written again from"));
          continue;
        }
        ActionListener<Verdict> one = all.acquire(verdict -> verdicts.set(place, verdict));
        DryRun.of(
            now,
            hit.getIndex(),
            hit.getId(),
            routing(hit),
            source(hit),
            (findings, failure) ->
                // What fails here fails in earnest too, and then tells why.
                one.onResponse(failure == null ? verdict(hit, findings) : new Outdated(hit)));
      }
    }
  }

  private Verdict verdict(SearchHit hit, Map<String, Finding> findings) {
    Set<String> had = new TreeSet<>(Arrays.asList(hit.getMatchedQueries()));
    had.retainAll(unkept.of(hit.getIndex()));
    boolean outdated =
        findings.entrySet().stream()
            .anyMatch(one -> one.getValue() == Finding.OUTDATED || !had.contains(one.getKey()));
    if (!outdated) {
      return null;
    }
    had.removeAll(findings.keySet());
    return had.isEmpty()
        ? new Outdated(hit)
        : new Refused(
            hit,
            "its [_source] lacks %s, which the pipeline does not make again for it".formatted(had));
  }

  static String routing(SearchHit hit) {
    DocumentField routing = hit.field("_routing");
    return routing == null ? null : routing.<String>getValue();
  }

  @SuppressWarnings("deprecation") // a hit does not say what its source is written in
  private static Map<String, Object> source(SearchHit hit) {
    return XContentHelper.convertToMap(hit.getSourceRef(), false).v2();
  }
}
