package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.ingest.ConfigurationUtils;
import org.elasticsearch.ingest.Processor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pipelines as they are written, good and bad. */
class SemluxProcessorFactoryTest {
  private static final Gson JSON =
      new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();

  private static final Map<String, Processor.Factory> FACTORIES =
      Map.of(
          SemluxProcessor.TYPE,
          new SemluxProcessorFactory(
              id -> {
                throw new IllegalStateException("no document was processed yet");
              },
              new ThreadContext(Settings.EMPTY),
              (index, field) -> false,
              Runnable::run,
              1));

  @BeforeAll
  static void log() {
    LogConfigurator.configureESLogging(); // its exceptions log
  }

  @Test
  void readsAPipelineWithoutAskingForTheModel() throws Exception {
    Processor processor =
        create(
            """
            {"model_id":"m","input_output":[{"input_field":"a","output_field":"b"}],
             "input_type":"query","ignore_missing":true,"skip_unchanged":false,
             "pruning":{"top_k":100,"min_ratio":0.1,"min_weight":0.05,"drop_special_tokens":true},
             "chunking":{"strategy":"tokens","size":100,"overlap":10,"limit":20},
             "tag":"t","description":"d"}""");

    assertThat(processor.getType()).isEqualTo("semlux");
    assertThat(processor.getTag()).isEqualTo("t");
    assertThat(processor.getDescription()).isEqualTo("d");
    assertThat(processor.isAsync()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'input_output':[{'input_field':'a','output_field':'b'}]}"
            + "|[model_id] required property is missing",
        "{'model_id':'m'}|[input_output] required property is missing",
        "{'model_id':'m','input_output':[]}|[input_output] names no field",
        "{'model_id':'m','input_output':['a']}|[input_output] must be a list of objects",
        "{'model_id':'m','input_output':[{'output_field':'b'}]}"
            + "|[input_field] required property is missing",
        "{'model_id':'m','input_output':[{'input_field':'a'}]}"
            + "|[output_field] required property is missing",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'b','fast':true}]}"
            + "|[input_output] has unknown parameters [fast]",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'v'},"
            + "{'input_field':'b','output_field':'v'}]}|[input_output] writes [v] twice",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'v'},"
            + "{'input_field':'b','output_field':'_source.v'}]}|[input_output] writes [v] twice",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'v_encoded'},"
            + "{'input_field':'b','output_field':'v'}]}"
            + "|[input_output] writes [v_encoded], where the mark of [v] belongs: rename it",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'b'}],"
            + "'input_type':'passage'}"
            + "|[input_type] must be query or document, not [passage]",
        "{'input_output':[{'model_id':'m','input_field':'a','output_field':'b'},"
            + "{'input_field':'a','output_field':'c'}]}|[model_id] required property is missing",
        "{'model_id':'m','input_output':[{'input_field':'a.','output_field':'b'}]}"
            + "|[input_field] is no field name: [a.]",
        "{'model_id':'m','pruning':{'top_k':0},"
            + "'input_output':[{'input_field':'a','output_field':'b'}]}"
            + "|[pruning] pruning keeps at least one term",
        "{'model_id':'m','pruning':{'ratio':0.1},"
            + "'input_output':[{'input_field':'a','output_field':'b'}]}"
            + "|[pruning] has unknown parameters [ratio]",
        "{'model_id':'m','chunking':{'size':10},"
            + "'input_output':[{'input_field':'a','output_field':'b'}]}"
            + "|[strategy] required property is missing",
        "{'model_id':'m','chunking':{'strategy':'lines'},"
            + "'input_output':[{'input_field':'a','output_field':'b'}]}"
            + "|[strategy] must be tokens or sentences or token_sentences or words, not [lines]",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'b',"
            + "'chunking':{'strategy':'words','size':10,'overlap':6}}]}"
            + "|[chunking] [overlap] must be 0 to 5, not 6: half of [size]",
        "{'model_id':'m','input_output':[{'input_field':'a','output_field':'b'}],'batch':8}"
            + "|doesn't support one or more provided configuration parameters [batch]",
      })
  void namesWhatIsWrong(String config, String message) {
    assertThatThrownBy(() -> create(config.replace('\'', '"'))).hasMessageContaining(message);
  }

  @SuppressWarnings("unchecked")
  private static Processor create(String json) throws Exception {
    Map<String, Object> config = JSON.fromJson(json, Map.class);
    return ConfigurationUtils.readProcessor(FACTORIES, null, SemluxProcessor.TYPE, config, null);
  }
}
