package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
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
import org.elasticsearch.index.mapper.SourceToParse;
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
  private static final String MAPPING_VERSION = "es.semlux.mapping_version";

  /**
   * @param sources paths of the field's values, in order
   */
  private record Encoded(EncodedText text, Set<String> sources) {
    /** Who encoded may not have known yet what else is copied to the field. */
    boolean isOf(SourceToParse.Source source) {
      if (sources.size() == 1) {
        return true;
      }
      try {
        return text.isOf(
            FieldTexts.of(
                FieldTexts.read(source.originalBytes(), source.xContentType(), sources), sources));
      } catch (IOException | IllegalArgumentException e) {
        return false; // who encodes it again says why it cannot
      }
    }
  }

  private final Set<String> paths = new TreeSet<>();
  private final List<Encoded> encoded = new ArrayList<>();
  private final long mappingVersion;

  private UnencodedTexts(long mappingVersion) {
    super(StoredChunksMapper.NAME, new FieldType());
    this.mappingVersion = mappingVersion;
  }

  private static UnencodedTexts of(DocumentParserContext context) {
    LuceneDocument document = context.rootDoc();
    if (document.getByKey(UnencodedTexts.class) instanceof UnencodedTexts known) {
      return known;
    }
    UnencodedTexts texts =
        new UnencodedTexts(context.indexSettings().getIndexMetadata().getMappingVersion());
    document.onlyAddKey(UnencodedTexts.class, texts);
    return texts;
  }

  /** Notes that a field has text. */
  static void found(DocumentParserContext context, String path) {
    of(context).paths.add(path);
  }

  /** Notes what was made of a field's texts. */
  static void encoded(DocumentParserContext context, EncodedText text) {
    Set<String> sources = context.mappingLookup().sourcePaths(text.field());
    of(context).encoded.add(new Encoded(text, new TreeSet<>(sources)));
  }

  @Override
  public IndexableFieldType fieldType() {
    ElasticsearchException refusal =
        new ElasticsearchStatusException(
            "the texts of the fields {} came without vectors, from a node that did not know these fields yet or lacks the plugin semlux: send the document again, to a node with the plugin",
            RestStatus.TOO_MANY_REQUESTS, // clients try that again, and no failure store takes it
            paths);
    refusal.addMetadata(MAPPING_VERSION, Long.toString(mappingVersion));
    throw refusal;
  }

  /**
   * The version of the mapping by which a document's texts were refused, or a later one; none where
   * that is not why it failed.
   */
  static OptionalLong refused(@Nullable Throwable failure) {
    return ExceptionsHelper.unwrapCausesAndSuppressed(failure, e -> !versions(e).isEmpty())
        .map(e -> OptionalLong.of(Long.parseLong(versions(e).getFirst())))
        .orElse(OptionalLong.empty());
  }

  private static List<String> versions(Throwable failure) {
    List<String> versions =
        failure instanceof ElasticsearchException known ? known.getMetadata(MAPPING_VERSION) : null;
    return versions == null ? List.of() : versions;
  }

  /** Of every shard of an index that is written to by its users. */
  static final class Check implements IndexingOperationListener {
    @Override
    public Engine.Index preIndex(ShardId shard, Engine.Index operation) {
      LuceneDocument document = operation.parsedDoc().rootDoc();
      if (operation.origin() == Engine.Operation.Origin.PRIMARY
          && document.getByKey(UnencodedTexts.class) instanceof UnencodedTexts texts) {
        for (Encoded one : texts.encoded) {
          if (one.isOf(operation.parsedDoc().source())) {
            texts.paths.remove(one.text.field());
          }
        }
        if (!texts.paths.isEmpty()) {
          document.add(texts);
        }
      }
      return operation;
    }
  }
}
