package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;

/** Documents of all shapes through processors with real models: what is written where, and when. */
class FieldShapesTest {
  private static final Path MODELS = Path.of("../tests/src/test/resources/goldens");
  private static final Gson JSON =
      new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();
  private static final Map<String, Encoder> ENCODERS = new HashMap<>();

  @BeforeAll
  static void load() throws IOException {
    LogConfigurator.configureESLogging(); // its exceptions log
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    ENCODERS.put("dense", DenseEncoder.load(MODELS.resolve("dense-bert-mean-normalize"), options));
    ENCODERS.put("other", DenseEncoder.load(MODELS.resolve("dense-bert-cls"), options));
    ENCODERS.put("sparse", SparseEncoder.load(MODELS.resolve("sparse-bert"), options));
    ENCODERS.put("cross", CrossEncoder.load(MODELS.resolve("cross-bert"), options));
  }

  @AfterAll
  static void close() {
    ENCODERS.values().forEach(Encoder::close);
  }

  @Test
  void oneProcessorFillsDenseAndSparseFieldsWithSeveralModels() throws Exception {
    Map<String, Object> document = json("{'title':'A plane','body':'It flies over the river.'}");

    run(
        """
        {'model_id':'dense','input_output':[
          {'input_field':'title','output_field':'title_vector'},
          {'input_field':'body','output_field':'body_vector'},
          {'input_field':'body','output_field':'other_vector','model_id':'other'},
          {'input_field':'body','output_field':'terms','model_id':'sparse'}]}""",
        document);

    assertClose(document.get("title_vector"), dense("dense", "A plane"));
    assertClose(document.get("body_vector"), dense("dense", "It flies over the river."));
    assertClose(document.get("other_vector"), dense("other", "It flies over the river."));
    assertClose(document.get("terms"), sparse("It flies over the river.", 1_000_000));
    assertThat(document.get("terms")).isNotEqualTo(Map.of());
    IngestDocument.deepCopyMap(document); // as _simulate and on_failure do
  }

  @Test
  void termsArePrunedAtIngest() throws Exception {
    Map<String, Object> document = json("{'text':'The river rises after three days of rain.'}");

    run(
        """
        {'model_id':'sparse','pruning':{'top_k':5},'input_output':[
          {'input_field':'text','output_field':'five'},
          {'input_field':'text','output_field':'two','pruning':{'top_k':2}},
          {'input_field':'text','output_field':'heavy','pruning':{'min_ratio':0.9}}]}""",
        document);

    String text = "The river rises after three days of rain.";
    assertClose(document.get("five"), sparse(text, 5));
    assertClose(document.get("two"), sparse(text, 2));
    Map<String, Object> heavy = FieldPath.object(document.get("heavy"));
    float heaviest = (Float) heavy.values().iterator().next();
    assertThat(heavy.values())
        .allSatisfy(w -> assertThat((Float) w).isGreaterThanOrEqualTo(.9f * heaviest));
  }

  @Test
  void fieldsAreFoundHoweverTheirDotsAreWritten() throws Exception {
    String config =
        "{'model_id':'dense','skip_unchanged':false,"
            + "'input_output':[{'input_field':'a.b.c','output_field':'a.b.v'}]}";
    Object vector = dense("dense", "rain");
    for (String source :
        List.of(
            "{'a':{'b':{'c':'rain'}}}",
            "{'a.b':{'c':'rain'}}",
            "{'a':{'b.c':'rain','b':{}}}",
            "{'a':{'b':{'c':'rain','v':[1.0]}}}")) {
      Map<String, Object> document = json(source);
      run(config, document);
      assertClose(FieldPath.get(document, "a.b.v"), vector);
    }
    Map<String, Object> flat = json("{'a.b.c':'rain'}");
    run(config, flat);
    assertThat(flat).isEqualTo(Map.of("a.b.c", "rain", "a", Map.of("b", Map.of("v", vector))));
  }

  @Test
  void eachObjectOfAnArrayGetsItsOwn() throws Exception {
    Map<String, Object> document =
        json("{'parts':[{'text':'rain','by':{'name':'x'}},{'text':'bread'},{'other':1}]}");

    run(
        """
        {'model_id':'dense','ignore_missing':true,'skip_unchanged':false,
         'input_output':[{'input_field':'parts.text','output_field':'parts.vector'}]}""",
        document);

    List<?> parts = (List<?>) document.get("parts");
    assertClose(((Map<?, ?>) parts.get(0)).get("vector"), dense("dense", "rain"));
    assertClose(((Map<?, ?>) parts.get(1)).get("vector"), dense("dense", "bread"));
    assertThat(parts.get(2)).isEqualTo(Map.of("other", 1L));

    assertThatThrownBy(
            () ->
                run(
                    "{'model_id':'dense','input_output':"
                        + "[{'input_field':'parts.text','output_field':'vector'}]}",
                    json("{'parts':[{'text':'rain'}]}")))
        .hasRootCauseMessage(
            "field [parts.text] runs through the array [parts]: its output_field [vector] must lie"
                + " in that array too");
    assertThatThrownBy(
            () ->
                run(
                    "{'model_id':'dense','input_output':"
                        + "[{'input_field':'parts.text','output_field':'parts.vector'}]}",
                    json("{'parts':['rain']}")))
        .hasRootCauseMessage(
            "field [parts.text] runs through the array [parts], which must hold objects, but holds"
                + " [rain]");
  }

  /**
   * As Elasticsearch's own fields read arrays: null is passed over, arrays in them are no level.
   */
  @Test
  void nullsInAnArrayOfObjectsArePassedOver() throws Exception {
    Map<String, Object> document =
        json("{'parts':[null,{'text':'a'},[{'text':'rain'}],{'other':1}]}");

    run(
        """
        {'model_id':'dense','ignore_missing':true,'skip_unchanged':false,
         'input_output':[{'input_field':'parts.text','output_field':'parts.vector'}]}""",
        document);

    List<?> parts = (List<?>) document.get("parts");
    assertThat(parts.get(0)).isNull();
    assertClose(((Map<?, ?>) parts.get(1)).get("vector"), dense("dense", "a"));
    assertClose(
        ((Map<?, ?>) ((List<?>) parts.get(2)).get(0)).get("vector"), dense("dense", "rain"));
    assertThat(parts.get(3)).isEqualTo(Map.of("other", 1L));
  }

  @Test
  void numbersAndBooleansAreTheirStringForm() throws Exception {
    for (String[] pair :
        new String[][] {
          {"2024", "2024"},
          {"-1.5", "-1.5"},
          {"true", "true"},
          {"['a',7,true]", "a\n7\ntrue"},
          {"[['a'],[7]]", "a\n7"},
        }) {
      Map<String, Object> document = json("{'text':" + pair[0] + "}");
      run(config("dense", ""), document);
      assertClose(document.get("out"), dense("dense", pair[1]));
    }
  }

  @Test
  void termsAreRefusedWhereEachWouldBecomeAField() {
    Map<String, Object> document = json("{'text':'rain'}");
    String config =
        "{'model_id':'%s','input_output':[{'input_field':'text','output_field':'%s'%s}]}";
    String chunks = ",'chunking':{'strategy':'words','size':2,'overlap':0}";

    assertThatThrownBy(() -> run(config.formatted("sparse", "unmapped", ""), document))
        .hasRootCauseMessage(
            "field [unmapped] of index [index] must be mapped as [sparse_vector] before terms are"
                + " written to it: else each term becomes a field of its own");
    assertThatThrownBy(() -> run(config.formatted("sparse", "unmapped", chunks), document))
        .hasMessageContaining("field [unmapped.weights] of index [index]");
    assertThat(document).isEqualTo(Map.of("text", "rain"));
  }

  @Test
  void anArrayOfTextsIsOneText() throws Exception {
    Map<String, Object> document = json("{'text':['rain','bread']}");
    run(config("dense", ""), document);
    assertClose(document.get("out"), dense("dense", "rain\nbread"));
  }

  @Test
  void aForeachProcessorsValueIsReachable() throws Exception {
    IngestDocument document = document(json("{'parts':[]}"));
    document.getIngestMetadata().put("_value", json("{'text':'rain'}"));

    await(
        execute(
            processor(
                "{'model_id':'dense','input_output':[{'input_field':'_ingest._value.text',"
                    + "'output_field':'_ingest._value.vector'}]}"),
            document));

    assertClose(
        document.getFieldValue("_ingest._value.vector", Object.class), dense("dense", "rain"));
  }

  @Test
  void longTextsBecomePassages() throws Exception {
    String text = "It rains. The river rises. Nobody in the valley has seen that.";
    Map<String, Object> document = json("{'text':['" + text + "','They wait.']}");

    run(config("dense", ",'chunking':{'strategy':'sentences','size':6,'overlap':0}"), document);

    List<?> passages = (List<?>) document.get("out");
    assertThat(passages).hasSize(4);
    assertPassage(passages.get(0), "It rains. The river rises.", 0, 26, 0);
    assertPassage(passages.get(1), "Nobody in the valley has seen", 27, 56, 0);
    assertPassage(passages.get(2), "that.", 57, 62, 0);
    assertPassage(passages.get(3), "They wait.", 0, 10, 1);
  }

  private static void assertPassage(Object passage, String text, int start, int end, int position) {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("text", text);
    expected.put("start", start);
    expected.put("end", end);
    expected.put("position", position);
    expected.put("vector", dense("dense", text));
    assertClose(passage, expected);
  }

  @Test
  void sparsePassagesHaveWeightsAndWhatTheLimitDropsIsCounted() throws Exception {
    Map<String, Object> document = json("{'text':'one two three four five six seven'}");

    run(
        config("sparse", ",'chunking':{'strategy':'words','size':2,'overlap':0,'limit':2}"),
        document);

    List<?> passages = (List<?>) document.get("out");
    assertThat(passages).hasSize(2);
    assertThat(((Map<?, ?>) passages.get(1)).get("text")).isEqualTo("three four");
    assertClose(((Map<?, ?>) passages.get(1)).get("weights"), sparse("three four", 1_000_000));
    assertThat(mark(document).get("dropped_characters")).isEqualTo(" five six seven".length());
  }

  @Test
  void anUnchangedTextIsNotEncodedAgain() throws Exception {
    DenseEncoder encoder = (DenseEncoder) ENCODERS.get("dense");
    Map<String, Object> document = json("{'text':'rain'}");
    run(config("dense", ""), document);
    Object first = document.get("out");
    assertThat(mark(document).keySet()).isEqualTo(Set.of("model_id", "version", "hash"));
    assertThat((String) mark(document).get("version")).matches("[0-9a-f]{16}");
    long texts = encoder.stats().texts();

    document.put("views", 1);
    run(config("dense", ""), document);
    assertThat(document.get("out")).isSameAs(first);
    assertThat(encoder.stats().texts()).isEqualTo(texts);

    run(config("dense", ",'skip_unchanged':false"), document);
    assertThat(encoder.stats().texts()).isEqualTo(++texts);
    assertThat(document).doesNotContainKey("out_encoded");

    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("no mark to trust").isEqualTo(++texts);
    document.remove("out");
    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("a mark without its vector").isEqualTo(++texts);
    document.put("text", "bread");
    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("another text").isEqualTo(++texts);
    assertClose(document.get("out"), dense("dense", "bread"));
    texts = encoder.stats().texts();
    run(config("dense", ",'input_type':'query'"), document);
    assertThat(encoder.stats().texts()).as("another option").isEqualTo(++texts);
    run(config("other", ""), document);
    assertClose(document.get("out"), dense("other", "bread"));
  }

  @Test
  void passagesWithoutTheirVectorsAreMadeAgain() throws Exception {
    String config = config("dense", ",'chunking':{'strategy':'words','size':2,'overlap':0}");
    Map<String, Object> document = json("{'text':'one two three four'}");
    run(config, document);
    Object whole = IngestDocument.deepCopyMap(document);
    ((List<?>) document.get("out")).forEach(passage -> ((Map<?, ?>) passage).remove("vector"));

    run(config, document); // as a client that got the document and sends it back

    assertThat(document).isEqualTo(whole);
    document.put("out", new ArrayList<>());
    run(config, document);
    assertThat(document).isEqualTo(whole);
  }

  @Test
  void anEncodingGoesWithItsText() throws Exception {
    String config = config("dense", ",'ignore_missing':true");
    Map<String, Object> document = json("{'text':'rain'}");
    run(config, document);
    document.put("text", null);
    run(config, document);
    assertThat(document.keySet()).isEqualTo(Set.of("text"));

    Map<String, Object> partial = json("{'views':1,'out':[1.0]}");
    run(config, partial);
    assertThat(partial).as("not made here").isEqualTo(json("{'views':1,'out':[1.0]}"));
  }

  @Test
  void aDocumentIsUntouchedWhenOneOfItsModelsFails() {
    Map<String, Object> document = json("{'text':'rain'}");
    assertThatThrownBy(
            () ->
                run(
                    """
                    {'model_id':'dense','input_output':[
                      {'input_field':'text','output_field':'a'},
                      {'input_field':'text','output_field':'b','model_id':'absent'}]}""",
                    document))
        .hasRootCauseMessage("there is no model [absent]");
    assertThat(document).isEqualTo(Map.of("text", "rain"));

    assertThatThrownBy(() -> run(config("cross", ""), document))
        .satisfies(
            e ->
                assertThat(ExceptionsHelper.status(e.getCause())).isEqualTo(RestStatus.BAD_REQUEST))
        .hasMessageContaining("model [cross] is of kind cross");
  }

  /** A text's encoding in a batch is that alone up to rounding. */
  private static void assertClose(Object actual, Object expected) {
    assertThat(actual)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-5, Float.class)
        .isEqualTo(expected);
  }

  private static Map<String, Object> mark(Map<String, Object> document) {
    return FieldPath.object(document.get("out_encoded"));
  }

  private static String config(String model, String more) {
    return "{'model_id':'"
        + model
        + "','input_output':[{'input_field':'text','output_field':'out'}]"
        + more
        + "}";
  }

  private static Object dense(String model, String text) {
    List<Float> floats = new ArrayList<>();
    for (float value : ((DenseEncoder) ENCODERS.get(model)).encode(List.of(text)).get(0).values()) {
      floats.add(value);
    }
    return floats;
  }

  private static Object sparse(String text, int terms) {
    TermWeights all = ((SparseEncoder) ENCODERS.get("sparse")).encode(List.of(text)).get(0);
    Map<String, Float> map = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(terms, all.size()); i++) {
      map.put(all.tokens()[i], all.weights()[i]);
    }
    return map;
  }

  private static void run(String config, Map<String, Object> source) throws Exception {
    await(execute(processor(config), document(source)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String json) {
    return JSON.fromJson(json.replace('\'', '"'), HashMap.class);
  }

  private static SemluxProcessor processor(String config) {
    return new SemluxProcessorFactory(
            FieldShapesTest::encoder,
            new ThreadContext(Settings.EMPTY),
            (index, field) -> index.equals("index") && field.startsWith("unmapped"))
        .create(Map.of(), "tag", null, json(config), null);
  }

  private static Encoder encoder(String id) {
    Encoder encoder = ENCODERS.get(id);
    if (encoder == null) {
      throw new ResourceNotFoundException("there is no model [{}]", id);
    }
    return encoder;
  }

  private static IngestDocument document(Map<String, Object> source) {
    return new IngestDocument("index", "id", 1, null, VersionType.INTERNAL, source);
  }

  private static CompletableFuture<IngestDocument> execute(
      SemluxProcessor processor, IngestDocument document) {
    CompletableFuture<IngestDocument> future = new CompletableFuture<>();
    processor.execute(
        document,
        (result, failure) -> {
          if (failure == null) {
            future.complete(result);
          } else {
            future.completeExceptionally(failure);
          }
        });
    return future;
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }
}
