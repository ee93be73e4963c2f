package org.semlux.plugin.retriever;

import java.util.Optional;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.test.AbstractNamedWriteableTestCase;

/** Ranked documents arrive on their shards as they were sent. */
public class RankedDocTests extends AbstractNamedWriteableTestCase<RankDoc> {
  @Override
  protected NamedWriteableRegistry getNamedWriteableRegistry() {
    return new NamedWriteableRegistry(Retrievers.namedWriteables());
  }

  @Override
  protected Class<RankDoc> categoryClass() {
    return RankDoc.class;
  }

  @Override
  protected RankDoc createTestInstance() {
    RankDoc doc = randomBoolean() ? reranked() : fused();
    doc.rank = between(1, 100);
    return doc;
  }

  private static RankDoc reranked() {
    var origin =
        new RerankedDoc.Origin(
            randomAlphaOfLength(9),
            between(1, 50),
            randomBoolean() ? Optional.empty() : Optional.of(randomFloat()),
            passage());
    return new RerankedDoc(between(0, 1000), between(0, 5), randomFloat(), origin);
  }

  private static RankDoc fused() {
    FusedDoc doc = new FusedDoc(between(0, 1000), between(0, 5), 3);
    for (int i = 0; i < 3; i++) {
      if (randomBoolean()) {
        doc.add(i, new FusedDoc.Part(between(1, 9), randomFloat(), randomFloat()), passage());
      }
    }
    return doc;
  }

  private static Optional<Passage> passage() {
    return randomBoolean()
        ? Optional.empty()
        : Optional.of(new Passage("f", randomAlphaOfLength(9)));
  }

  @Override
  protected RankDoc mutateInstance(RankDoc doc) {
    return randomValueOtherThan(doc, this::createTestInstance);
  }
}
