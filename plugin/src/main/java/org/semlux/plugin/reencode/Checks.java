package org.semlux.plugin.reencode;

import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.search.SearchHit;
import org.semlux.plugin.reencode.DocumentChecks.Verdict;

/** Tells which documents of an index have work in them. */
interface Checks {
  /** Finds all that are to be looked at. */
  QueryBuilder query();

  /**
   * Looks at documents, off the thread that calls.
   *
   * @param listener gets those that are not just as they should be, in their order
   */
  void check(SearchHit[] hits, ActionListener<List<Verdict>> listener);
}
