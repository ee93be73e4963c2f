package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
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
  private static final Logger LOGGER = LogManager.getLogger(UnencodedTexts.class);
  private static final String MAPPING_VERSION = "es.semlux.mapping_version";

  /**
   * @param text what came, without its chunks
   * @param models that the mapping knows
   * @param sources paths of the field's values, in order
   */
  private record Encoded(EncodedText text, Set<String> models, Set<String> sources) {
    /** Who encoded may not have known what else the field takes, or what an update made of it. */
    boolean isOf(Map<String, Object> source) {
      return models.contains(DocumentModels.id(text.model()))
          && text.isOf(FieldTexts.of(source, sources));
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
    UnencodedTexts texts = new UnencodedTexts(version(context));
    document.onlyAddKey(UnencodedTexts.class, texts);
    return texts;
  }

  /** Notes that a field has text. */
  static void found(DocumentParserContext context, String path) {
    of(context).paths.add(path);
  }

  /** Notes what was made of a field's texts. */
  static void encoded(DocumentParserContext context, SemluxTextFieldType type, EncodedText text) {
    ModelSettings settings = type.settings();
    of(context)
        .encoded
        .add(
            new Encoded(
                text.withoutChunks(),
                settings == null ? Set.of() : settings.models().keySet(),
                new TreeSet<>(context.mappingLookup().sourcePaths(text.field()))));
  }

  /**
   * Refuses what came for a field that the mapping does not know whole: who sent it may have a
   * later one. Throws nothing where the document is parsed once more, with a mapping that it has
   * changed.
   */
  static void refuse(DocumentParserContext context, String path) {
    if (!context.hasDynamicMappersOrRuntimeFields()) {
      throw refusal(
          "[{}] speaks of vectors of [{}], of which the mapping says nothing, or not yet: send the document again",
          version(context),
          StoredChunksMapper.NAME,
          path);
    }
  }

  private static long version(DocumentParserContext context) {
    return context.indexSettings().getIndexMetadata().getMappingVersion();
  }

  private static ElasticsearchException refusal(String message, long version, Object... arguments) {
    ElasticsearchException refusal =
        new ElasticsearchStatusException(
            message,
            RestStatus.TOO_MANY_REQUESTS, // clients try that again, and no failure store takes it
            arguments);
    refusal.addMetadata(MAPPING_VERSION, Long.toString(version));
    return refusal;
  }

  /** Holds what came against the document; what is not of its texts is refused like none. */
  private void compare(SourceToParse.Source document) {
    Set<String> sources = new TreeSet<>();
    encoded.forEach(one -> sources.addAll(one.sources));
    try {
      Map<String, Object> source =
          FieldTexts.read(document.originalBytes(), document.xContentType(), sources);
      for (Encoded one : encoded) {
        if (one.isOf(source)) {
          paths.remove(one.text.field());
        } else {
          paths.add(one.text.field());
        }
      }
    } catch (IOException | RuntimeException e) {
      LOGGER.debug("left as they are: who encodes them again says why it cannot", e);
    }
  }

  @Override
  public IndexableFieldType fieldType() {
    throw refusal(
        "the texts of the fields {} came without vectors, or with those of other texts or models, from a node that did not know these fields yet or lacks the plugin semlux: send the document again, to a node with the plugin",
        mappingVersion,
        paths);
  }

  /**
   * The refusal in a failure: whoever parses a document wraps it in one with another status. Null
   * where that is not why it failed.
   */
  @Nullable static ElasticsearchException refusal(@Nullable Throwable failure) {
    return (ElasticsearchException)
        ExceptionsHelper.unwrapCausesAndSuppressed(failure, e -> !versions(e).isEmpty())
            .orElse(null);
  }

  /**
   * The version of the mapping by which a document's texts were refused, or a later one; none where
   * that is not why it failed.
   */
  static OptionalLong refused(@Nullable Throwable failure) {
    ElasticsearchException refusal = refusal(failure);
    return refusal == null
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(versions(refusal).getFirst()));
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
        if (!texts.encoded.isEmpty()) {
          texts.compare(operation.parsedDoc().source());
        }
        if (!texts.paths.isEmpty()) {
          document.add(texts);
        }
      }
      return operation;
    }
  }
}
