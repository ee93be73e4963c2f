package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.Query;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.common.xcontent.support.XContentMapValues;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.mapper.DocumentMapper;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.LuceneDocument;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.index.mapper.MapperService;
import org.elasticsearch.index.mapper.MapperTestCase;
import org.elasticsearch.index.mapper.ParsedDocument;
import org.elasticsearch.index.mapper.vectors.DenseVectorFieldMapper.DenseVectorFieldType;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.junit.AssumptionViolatedException;
import org.semlux.plugin.SemluxPlugin;

/** The contract of mappings that Elasticsearch has for its own fields. */
public class SemluxTextFieldMapperTests extends MapperTestCase {
  @Override
  protected Collection<? extends Plugin> getPlugins() {
    return List.of(new SemluxPlugin());
  }

  @Override
  protected void minimalMapping(XContentBuilder b) throws IOException {
    b.field("type", "semlux_text").field("model_id", "tiny");
  }

  private static CheckedConsumer<XContentBuilder, IOException> mapping(String json) {
    return b -> {
      b.field("type", "semlux_text").field("model_id", "tiny");
      for (Map.Entry<String, Object> entry :
          XContentHelper.convertToMap(JsonXContent.jsonXContent, json, true).entrySet()) {
        b.field(entry.getKey(), entry.getValue());
      }
    };
  }

  private static SemluxTextFieldType type(FieldMapper mapper) {
    return ((SemluxTextFieldMapper) mapper).fieldType();
  }

  /** Who encodes and the shard take a field's texts from the same places. */
  public void testSourcesAreElasticsearchs() throws IOException {
    MapperService mapper =
        createMapperService(
            """
            {"_doc":{"properties":{
             "body":{"type":"semlux_text","model_id":"tiny"},
             "alone":{"type":"semlux_text","model_id":"tiny","copy_to":"body"},
             "title":{"type":"text","copy_to":["body","also"],"fields":{
               "meaning":{"type":"semlux_text","model_id":"tiny"}}},
             "also":{"type":"keyword","fields":{"meaning":{"type":"semlux_text","model_id":"tiny"}}},
             "o":{"properties":{
               "b":{"type":"semlux_text","model_id":"tiny"},
               "n":{"type":"nested","properties":{"t":{"type":"text","copy_to":["o.b","body"]}}}}}}}}""");
    Map<String, EncodedField> fields =
        EncodedField.of(new MappingMetadata(mapper.documentMapper().mappingSource()).sourceAsMap());
    assertEquals(Set.of("body", "alone", "title.meaning", "also.meaning", "o.b"), fields.keySet());
    fields.forEach(
        (path, field) ->
            assertEquals(
                path, mapper.mappingLookup().sourcePaths(path), Set.copyOf(field.sources())));
  }

  @Override
  protected void registerParameters(ParameterChecker checker) throws IOException {
    checker.registerUpdateCheck(
        "model_id",
        this::minimalMapping,
        b -> b.field("type", "semlux_text").field("model_id", "other"),
        mapper -> assertEquals("other", type(mapper).modelId()));
    checker.registerUpdateCheck(
        "search_model_id",
        b -> b.field("search_model_id", "other"),
        mapper -> assertEquals("other", type(mapper).searchModelId()));
    checker.registerUpdateCheck(
        "model_settings",
        this::minimalMapping,
        mapping("{\"model_settings\":{\"kind\":\"dense\",\"dimensions\":3}}"),
        mapper -> assertEquals(3, type(mapper).settings().dimensions()));
    checker.registerUpdateCheck(
        "chunking",
        this::minimalMapping,
        mapping("{\"chunking\":{\"strategy\":\"words\",\"size\":9}}"),
        mapper -> assertNotNull(type(mapper).parameters().chunking()));
    checker.registerUpdateCheck(
        "pruning",
        this::minimalMapping,
        mapping("{\"pruning\":{\"top_k\":9}}"),
        mapper -> assertNotNull(type(mapper).parameters().pruning()));
    checker.registerConflictCheck("similarity", b -> b.field("similarity", "l2_norm"));
    checker.registerConflictCheck(
        "index_options", b -> b.field("index_options", Map.of("type", "flat")));
  }

  @Override
  protected Object getSampleValueForDocument() {
    return "Rain falls.";
  }

  @Override
  protected Object getSampleValueForQuery() {
    throw new AssumptionViolatedException("no words, which WordlessFieldTests asks for");
  }

  @Override
  protected boolean supportsIgnoreMalformed() {
    return false;
  }

  @Override
  protected boolean supportsStoredFields() {
    return false;
  }

  @Override
  protected boolean supportsSearchLookup() {
    return false;
  }

  @Override
  protected void assertExistsQuery(MappedFieldType type, Query query, LuceneDocument document) {
    assertEquals(new FieldExistsQuery("field.hash"), query);
  }

  @Override
  protected Object generateRandomInputValue(MappedFieldType type) {
    throw new AssumptionViolatedException("texts have no columns");
  }

  @Override
  protected IngestScriptSupport ingestScriptSupport() {
    throw new AssumptionViolatedException("no scripts");
  }

  @Override
  protected SyntheticSourceSupport syntheticSourceSupport(boolean ignoreMalformed) {
    throw new AssumptionViolatedException(
        "not in nested objects; on real shards in TextFieldTests");
  }

  @Override
  protected boolean supportsDocValuesSkippers() {
    return false;
  }

  @Override
  protected List<SortShortcutSupport> getSortShortcutSupport() {
    return List.of();
  }

  private static final String DENSE =
      """
      {"properties":{"_semlux":{"type":"semlux_chunks"},
       "field":{"type":"semlux_text","model_id":"tiny",
        "model_settings":{"kind":"dense","dimensions":2}}}}""";

  private static final String DOCUMENT =
      """
      {"field":"Rain falls.","_semlux":[{"field":"field","model":"tiny 1","hash":"ab","chunks":[
       {"value":0,"start":0,"end":5,"vector":[0.6,0.8]},{"value":0,"start":5,"end":11,"vector":[1,0]}]}]}""";

  public void testChunksBecomeNestedDocumentsAndLeaveTheSource() throws IOException {
    DocumentMapper mapper = createDocumentMapper("{\"_doc\":" + DENSE + "}");
    ParsedDocument parsed = mapper.parse(source(DOCUMENT));
    assertEquals(3, parsed.docs().size());
    assertEquals("{\"field\":\"Rain falls.\"}", stored(parsed));
    assertEquals(
        List.of("ab/2"),
        parsed.rootDoc().getFields("field.hash").stream()
            .map(IndexableField::binaryValue)
            .map(bytes -> bytes.utf8ToString())
            .distinct()
            .toList());
  }

  private static String stored(ParsedDocument parsed) {
    return parsed.rootDoc().getField("_source").binaryValue().utf8ToString();
  }

  /**
   * A mapping that says less leaves what is known of the vectors; one of another kind does not fit.
   */
  public void testSettingsStay() throws IOException {
    MapperService service = createMapperService("{\"_doc\":" + DENSE + "}");
    merge(service, fieldMapping(this::minimalMapping));
    assertEquals(
        2, type((FieldMapper) service.mappingLookup().getMapper("field")).settings().dimensions());
    var e =
        expectThrows(
            IllegalArgumentException.class,
            () ->
                merge(
                    service, fieldMapping(mapping("{\"model_settings\":{\"kind\":\"sparse\"}}"))));
    assertThat(e.getMessage(), containsString("model_settings"));
  }

  private static Map<String, Object> map(String mapping) {
    return XContentHelper.convertToMap(JsonXContent.jsonXContent, mapping, true);
  }

  /** What a node finds of vectors says nothing of the mapping that it knew then. */
  public void testANewerMappingStays() throws IOException {
    String old =
        """
        {"properties":{
         "plain":{"type":"semlux_text","model_id":"a"},
         "held":{"properties":{"in":{"type":"semlux_text","model_id":"a"}}},
         "text":{"type":"text","index":false,"fields":{"multi":{"type":"semlux_text","model_id":"a"}}}}}""";
    String newer =
        """
        {"dynamic":"strict","properties":{
         "plain":{"type":"semlux_text","model_id":"b","search_model_id":"s","copy_to":"text",
          "chunking":{"strategy":"tokens","size":8},"pruning":{"top_k":7},"meta":{"x":"y"}},
         "held":{"dynamic":"false","properties":{"in":{"type":"semlux_text","model_id":"b"}}},
         "text":{"type":"text","index":false,"fields":{"multi":{"type":"semlux_text","model_id":"b"}}}}}""";
    MapperService service = createMapperService("{\"_doc\":" + old + "}");
    merge(service, "{\"_doc\":" + newer + "}");
    Map<String, Object> before = map(service.documentMapper().mappingSource().string());
    ModelSettings found =
        ModelSettings.parse(map("{\"kind\":\"dense\",\"dimensions\":2,\"models\":{\"a\":\"a\"}}"));
    Map<String, Object> sent =
        EncodedField.settingsOnly(
            map(old), Map.of("plain", found, "held.in", found, "text.multi", found));
    merge(service, Strings.toString(JsonXContent.contentBuilder().map(Map.of("_doc", sent))));
    Map<String, Object> after = map(service.documentMapper().mappingSource().string());
    for (String field : List.of("plain", "held.properties.in", "text.fields.multi")) {
      String path = "_doc.properties." + field;
      Map<?, ?> mapped = (Map<?, ?>) XContentMapValues.extractValue(path, after);
      assertEquals(field, found.toMap(), mapped.remove("model_settings"));
      assertEquals(field, "b", mapped.get("model_id"));
    }
    ((Map<?, ?>) XContentMapValues.extractValue("_doc.properties", after)).remove("_semlux");
    assertEquals(before, after);

    var other =
        ModelSettings.parse(map("{\"kind\":\"dense\",\"dimensions\":3,\"models\":{\"a\":\"a\"}}"));
    String unfit =
        Strings.toString(
            JsonXContent.contentBuilder()
                .map(Map.of("_doc", EncodedField.settingsOnly(map(old), Map.of("plain", other)))));
    expectThrows(IllegalArgumentException.class, () -> merge(service, unfit));
  }

  /** For masters that take no settings alone. */
  public void testFieldsWithTheirSettingsStayWhole() throws IOException {
    String mapping =
        """
        {"properties":{
         "plain":{"type":"semlux_text","model_id":"b","search_model_id":"s","copy_to":"text",
          "chunking":{"strategy":"tokens","size":8},"meta":{"x":"y"}},
         "held":{"properties":{"in":{"type":"semlux_text","model_id":"b"}}},
         "text":{"type":"text","index":false,"fields":{"multi":{"type":"semlux_text","model_id":"b"}}}}}""";
    ModelSettings found =
        ModelSettings.parse(map("{\"kind\":\"dense\",\"dimensions\":2,\"models\":{\"b\":\"b\"}}"));
    List<String> paths = List.of("plain", "held.in", "text.multi");
    Map<String, Object> sent =
        EncodedField.withSettings(
            map(mapping), paths.stream().collect(Collectors.toMap(path -> path, path -> found)));
    createMapperService(Strings.toString(JsonXContent.contentBuilder().map(Map.of("_doc", sent))));
    for (String field : List.of("plain", "held.properties.in", "text.fields.multi")) {
      Map<?, ?> one = (Map<?, ?>) XContentMapValues.extractValue("properties." + field, sent);
      assertEquals(found.toMap(), one.remove("model_settings"));
    }
    ((Map<?, ?>) sent.get("properties")).remove("_semlux");
    assertEquals(map(mapping), sent);
  }

  public void testSettingsAloneMakeNoField() {
    var e =
        expectThrows(
            Exception.class,
            () ->
                createMapperService(
                    "{\"_doc\":" + DENSE.replace("\"model_id\":\"tiny\",", "") + "}"));
    assertThat(e.getMessage(), containsString("needs a [model_id]"));
  }

  public void testAMappingThatNotEveryNodeKnowsIsNoMapping() {
    Index index = new Index("i", "uuid");
    VectorMappings.requireAcknowledged(AcknowledgedResponse.TRUE, index);
    var e =
        expectThrows(
            ElasticsearchStatusException.class,
            () -> VectorMappings.requireAcknowledged(AcknowledgedResponse.FALSE, index));
    assertEquals(RestStatus.SERVICE_UNAVAILABLE, e.status());
  }

  /** Parameters of the vectors are passed on, and stay as they were given. */
  public void testIndexOptionsStay() throws IOException {
    var given =
        mapping(
            """
            {"similarity":"l2_norm","index_options":{"type":"hnsw","m":8},
             "model_settings":{"kind":"dense","dimensions":2}}""");
    MapperService service = createMapperService(fieldMapping(given));
    merge(service, fieldMapping(given));
    String mapping = service.documentMapper().mappingSource().string();
    assertThat(mapping, containsString("\"type\":\"hnsw\""));
    assertThat(mapping, containsString("\"m\":8"));
    MappedFieldType vector = service.fieldType("field.chunks.vector");
    assertEquals("l2_norm", ((DenseVectorFieldType) vector).similarity().toString());
  }
}
