package org.semlux.training.adapt;

import java.io.IOException;
import java.util.List;

/** A search by words, with BM25: finds other texts for a query than vectors do. */
public interface WordSearch {
  /**
   * The best documents of each query.
   *
   * @return places in the corpus, best first; perhaps none
   */
  List<int[]> find(List<String> queries, int count) throws IOException;
}
