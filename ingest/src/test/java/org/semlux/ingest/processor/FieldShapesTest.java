package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.Test;

/** Documents of all shapes through processors with real models: what is written where, and when. */
class FieldShapesTest extends GoldenProcessors {
  @Test
  void oneProcessorFillsDenseAndSparseFieldsWithSeveralModels() throws Exception {
    Map<String, Object> document = json("{'title':'A plane','body':'It flies over the river.'}");

    run(
        """
        {'model_id':'dense','input_output':[
          {'input_field':'title','output_field':'title_vector'},
          {'input_field':'body','output_field':'body_vector'},
          {'input_field':'body','output_field':'other_vector','model_id':'other'},
          {'input_field':'body','output_field':'terms','model_id':'sparse'}]}\
        """,
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
          {'input_field':'text','output_field':'heavy','pruning':{'min_ratio':0.9}}]}\
        """,
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
         'input_output':[{'input_field':'parts.text','output_field':'parts.vector'}]}\
        """,
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
         'input_output':[{'input_field':'parts.text','output_field':'parts.vector'}]}\
        """,
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
  void aDocumentIsUntouchedWhenOneOfItsModelsFails() {
    Map<String, Object> document = json("{'text':'rain'}");
    assertThatThrownBy(
            () ->
                run(
                    """
                    {'model_id':'dense','input_output':[
                      {'input_field':'text','output_field':'a'},
                      {'input_field':'text','output_field':'b','model_id':'absent'}]}\
                    """,
                    document))
        .hasRootCauseMessage("there is no model [absent]");
    assertThat(document).isEqualTo(Map.of("text", "rain"));

    assertThatThrownBy(() -> run(config("cross", ""), document))
        .satisfies(
            e ->
                assertThat(ExceptionsHelper.status(e.getCause())).isEqualTo(RestStatus.BAD_REQUEST))
        .hasMessageContaining("model [cross] is of kind cross");
  }

  /** An element's mark beside it would lie in the loop's metadata, and speak of the one before. */
  @Test
  void elementsOfALoopThatBecomeVectorsKnowNothingOfEachOther() throws Exception {
    SemluxProcessor each =
        processor(
            "{'model_id':'dense','ignore_missing':true,'input_output':[{"
                + "'input_field':'_ingest._value','output_field':'_ingest._value'}]}");
    IngestDocument document = document(new HashMap<>());
    List<Object> made = new ArrayList<>();
    for (String text : List.of("rain", "rain", " ")) {
      document.getIngestMetadata().put("_value", text);
      await(execute(each, document));
      made.add(document.getIngestMetadata().get("_value"));
    }
    Object rain = dense("dense", "rain");
    assertClose(made, List.of(rain, rain, " "));
  }
}
