package org.semlux.plugin.field;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.lucene.search.join.BitSetProducer;
import org.elasticsearch.common.lucene.search.Queries;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.DocumentParserContext;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.MapperBuilderContext;
import org.elasticsearch.index.mapper.MappingParserContext;
import org.elasticsearch.index.mapper.NestedObjectMapper;
import org.elasticsearch.xcontent.DeprecationHandler;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.support.MapXContentParser;

/**
 * The fields beneath a {@code semlux_text} field, all of them Elasticsearch's own: {@code model}
 * and {@code hash} say what a document's vectors were made by and of; {@code chunks} are nested
 * documents with the place of a chunk and its {@code vector}, mapped once the model is known.
 *
 * @param parents the documents that chunks belong to; for shards only
 */
record ChunkFields(
    FieldMapper model,
    FieldMapper hash,
    NestedObjectMapper chunks,
    Supplier<BitSetProducer> parents) {
  static final String MODEL = "model";
  static final String HASH = "hash";
  static final String CHUNKS = "chunks";

  /**
   * Stands in a stored hash before the number of chunks: a document read alone has none of them.
   */
  static final char COUNT = '/';

  static final String VECTOR = "vector";
  static final String VALUE = "value";
  static final String START = "start";
  static final String END = "end";

  /**
   * @param settings null as long as nothing was encoded
   * @param dense what the mapping says of dense vectors
   */
  static ChunkFields build(
      MappingParserContext given,
      MapperBuilderContext context,
      @Nullable ModelSettings settings,
      Map<String, Object> dense) {
    // Elasticsearch's vectors refuse to be parsed within a multi-field, whose parent's value they
    // would get. These never do: any other context does for them.
    MappingParserContext parsers =
        given.isWithinMultiField() ? given.createDynamicTemplateContext(null) : given;
    Map<String, Object> fields = new HashMap<>();
    for (String place : List.of(VALUE, START, END)) {
      fields.put(place, new HashMap<>(Map.of("type", "integer", "index", false)));
    }
    if (settings != null) {
      Map<String, Object> vector = new HashMap<>();
      if (settings.isDense()) {
        vector.putAll(EncodedField.copy(dense));
        vector.put("type", "dense_vector");
        vector.put("dims", settings.dimensions());
      } else {
        vector.put("type", "sparse_vector");
        vector.put("store", true);
      }
      fields.put(VECTOR, vector);
    }
    Map<String, Object> nested = new HashMap<>(Map.of("dynamic", "false", "properties", fields));
    // Time series keep it in doc values alone. Lucene lets no field change that: documents of an
    // older index would be refused if it were mapped otherwise now.
    Map<String, Object> keyword = new HashMap<>();
    Map<String, Object> hash = new HashMap<>(Map.of("index", false));
    return new ChunkFields(
        (FieldMapper) parsers.typeParser("keyword").parse(MODEL, keyword, parsers).build(context),
        (FieldMapper) parsers.typeParser("keyword").parse(HASH, hash, parsers).build(context),
        (NestedObjectMapper)
            parsers.typeParser("nested").parse(CHUNKS, nested, parsers).build(context),
        () -> parsers.bitSetProducer(Queries.newNonNestedFilter(parsers.indexVersionCreated())));
  }

  List<Mapper> mappers() {
    return List.of(model, hash, chunks);
  }

  /** Null as long as nothing was encoded. */
  @Nullable FieldMapper vector() {
    return (FieldMapper) chunks.getMapper(VECTOR);
  }

  String path(String field) {
    return chunks.fullPath() + "." + field;
  }

  /** Adds nested documents to the one that is parsed; the mapping says what the vectors are. */
  void index(DocumentParserContext context, EncodedText encoded) throws IOException {
    parse(model, context, encoded.model());
    parse(hash, context, encoded.hash() + COUNT + encoded.chunks().size());
    for (EncodedText.Chunk chunk : encoded.chunks()) {
      DocumentParserContext nested = context.createNestedContext(chunks);
      parse((FieldMapper) chunks.getMapper(VALUE), nested, chunk.value());
      parse((FieldMapper) chunks.getMapper(START), nested, chunk.start());
      parse((FieldMapper) chunks.getMapper(END), nested, chunk.end());
      parse(vector(), nested, chunk.vector());
    }
  }

  private static void parse(FieldMapper field, DocumentParserContext context, Object value)
      throws IOException {
    try (XContentParser parser =
        new MapXContentParser(
            NamedXContentRegistry.EMPTY,
            DeprecationHandler.IGNORE_DEPRECATIONS,
            Map.of(field.leafName(), value),
            XContentType.JSON)) {
      parser.nextToken(); // the object
      parser.nextToken(); // its field's name
      parser.nextToken();
      field.parse(context.switchParser(parser));
    }
  }
}
