package org.semlux.plugin.reencode;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.rest.RestStatus;

/** Counts what becomes of documents. One thread at a time. */
final class Tally {
  private static final int NAMED_FAILURES = 10;

  /** So many failures in a row that are no document's own will not end. */
  private static final int HOPELESS = 200;

  private final List<ReencodeFailure> failures = new ArrayList<>();
  private ReencodeFailure lastPassing;
  private int passingInARow;
  private long documents;
  private long checked;
  private long total;
  private long updated;
  private long conflicts;
  private long failed;
  private long batches;
  private long throttled;

  void documents(long count) {
    documents = count;
  }

  void checked(int count, int outdated) {
    checked += count;
    total += outdated;
  }

  void updated() {
    updated++;
    passingInARow = 0;
  }

  void conflict() {
    conflicts++;
    passingInARow = 0;
  }

  /**
   * A document that stays as it was. What another document meets as well, such as a model that is
   * not deployed, has a status other than 400.
   */
  void failed(ReencodeFailure failure) {
    failed++;
    if (failures.size() < NAMED_FAILURES) {
      failures.add(failure);
    }
    if (failure.status() != RestStatus.BAD_REQUEST.getStatus()) {
      lastPassing = failure;
      passingInARow++;
    }
  }

  void batch() {
    batches++;
  }

  void throttled(long millis) {
    throttled += millis;
  }

  /**
   * Ends a run in which nothing gets better.
   *
   * @throws ElasticsearchStatusException naming a failure
   */
  void checkHope() {
    if (passingInARow >= HOPELESS || (passingInARow > 0 && updated + conflicts == 0)) {
      throw new ElasticsearchStatusException(
          "{} documents in a row failed, such as [{}]: {}",
          RestStatus.fromCode(lastPassing.status()),
          passingInARow,
          lastPassing.id(),
          lastPassing.reason());
    }
  }

  ReencodeStatus status() {
    return new ReencodeStatus(
        documents, checked, total, updated, conflicts, failed, batches, throttled);
  }

  List<ReencodeFailure> failures() {
    return List.copyOf(failures);
  }
}
