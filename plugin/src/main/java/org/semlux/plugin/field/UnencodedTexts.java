package org.semlux.plugin.field;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexableFieldType;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.engine.Engine;
import org.elasticsearch.index.mapper.DocumentParserContext;
import org.elasticsearch.index.mapper.LuceneDocument;
import org.elasticsearch.index.shard.IndexingOperationListener;
import org.elasticsearch.index.shard.ShardId;
import org.elasticsearch.rest.RestStatus;

/**
 * The fields of a parsed document that have text, less those that come with what was made of it. A
 * primary does not index a document with any left: its texts would never be found. Its copies, its
 * translog and whoever only parses take what they are given.
 *
 * <p>Elasticsearch swallows what a listener throws, and a document that cannot be parsed fails a
 * copy as well. So these stand beside the parsed document, and where a primary is to index it they
 * are added as a field that Lucene cannot read: which fails that document alone.
 */
final class UnencodedTexts extends Field {
  private static final String METADATA = "es.semlux.unencoded";

  private final Set<String> paths = new TreeSet<>();
  private final Set<String> encoded = new TreeSet<>();

  private UnencodedTexts() {
    super(StoredChunksMapper.NAME, new FieldType());
  }

  private static UnencodedTexts of(DocumentParserContext context) {
    LuceneDocument document = context.rootDoc();
    if (document.getByKey(UnencodedTexts.class) instanceof UnencodedTexts known) {
      return known;
    }
    UnencodedTexts texts = new UnencodedTexts();
    document.onlyAddKey(UnencodedTexts.class, texts);
    return texts;
  }

  /** Notes that a field has text. */
  static void found(DocumentParserContext context, String path) {
    of(context).paths.add(path);
  }

  /** Notes that a field's text comes encoded. */
  static void encoded(DocumentParserContext context, String path) {
    of(context).encoded.add(path);
  }

  @Override
  public IndexableFieldType fieldType() {
    ElasticsearchException refusal =
        new ElasticsearchStatusException(
            "the texts of the fields {} came without vectors, from a node that did not know these fields yet or lacks the plugin semlux: send the document again, to a node with the plugin",
            RestStatus.SERVICE_UNAVAILABLE,
            paths);
    refusal.addMetadata(METADATA, List.copyOf(paths));
    throw refusal;
  }

  /** The fields for whose texts a document was refused; none where that is not why it failed. */
  static List<String> refused(@Nullable Throwable failure) {
    return ExceptionsHelper.unwrapCausesAndSuppressed(
            failure,
            e -> e instanceof ElasticsearchException known && known.getMetadata(METADATA) != null)
        .map(e -> ((ElasticsearchException) e).getMetadata(METADATA))
        .orElse(List.of());
  }

  /** Of every shard of an index that is written to by its users. */
  static final class Check implements IndexingOperationListener {
    @Override
    public Engine.Index preIndex(ShardId shard, Engine.Index operation) {
      LuceneDocument document = operation.parsedDoc().rootDoc();
      if (operation.origin() == Engine.Operation.Origin.PRIMARY
          && document.getByKey(UnencodedTexts.class) instanceof UnencodedTexts texts) {
        texts.paths.removeAll(texts.encoded);
        if (!texts.paths.isEmpty()) {
          document.add(texts);
        }
      }
      return operation;
    }
  }
}
