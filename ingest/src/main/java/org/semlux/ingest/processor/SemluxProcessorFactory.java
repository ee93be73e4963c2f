package org.semlux.ingest.processor;

import static org.elasticsearch.ingest.ConfigurationUtils.newConfigurationException;
import static org.elasticsearch.ingest.ConfigurationUtils.readBooleanProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readList;
import static org.elasticsearch.ingest.ConfigurationUtils.readStringProperty;
import static org.semlux.ingest.processor.SemluxProcessor.TYPE;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.ingest.Processor;
import org.semlux.encoders.InputType;
import org.semlux.ingest.EncoderSource;

/**
 * Reads {@code {"model_id":…,"input_output":[{"input_field":…,"output_field":…}],
 * "ignore_missing":false,"input_type":"document"}}. Whether the model is deployed is asked when a
 * document comes, as pipelines outlive deployments.
 */
public final class SemluxProcessorFactory implements Processor.Factory {
  static final String IGNORE_MISSING = "ignore_missing";
  private static final String MODEL_ID = "model_id";
  private static final String INPUT_OUTPUT = "input_output";
  private static final String INPUT_TYPE = "input_type";

  private final EncoderSource encoders;
  private final ThreadContext threadContext;

  public SemluxProcessorFactory(EncoderSource encoders, ThreadContext threadContext) {
    this.encoders = encoders;
    this.threadContext = threadContext;
  }

  @Override
  public SemluxProcessor create(
      Map<String, Processor.Factory> processorFactories,
      String tag,
      String description,
      Map<String, Object> config,
      ProjectId projectId) {
    return new SemluxProcessor(
        tag,
        description,
        encoders,
        threadContext,
        readStringProperty(TYPE, tag, config, MODEL_ID),
        readFields(tag, config),
        readInputType(tag, config),
        readBooleanProperty(TYPE, tag, config, IGNORE_MISSING, false));
  }

  private static List<InputOutput> readFields(String tag, Map<String, Object> config) {
    List<?> pairs = readList(TYPE, tag, config, INPUT_OUTPUT);
    if (pairs.isEmpty()) {
      throw newConfigurationException(TYPE, tag, INPUT_OUTPUT, "names no field");
    }
    Set<String> outputs = new HashSet<>();
    return pairs.stream().map(pair -> readPair(tag, pair, outputs)).toList();
  }

  private static InputOutput readPair(String tag, Object value, Set<String> outputs) {
    if (!(value instanceof Map<?, ?> object)) {
      throw newConfigurationException(TYPE, tag, INPUT_OUTPUT, "must be a list of objects");
    }
    Map<String, Object> pair = new HashMap<>();
    object.forEach((name, content) -> pair.put((String) name, content));
    InputOutput fields =
        new InputOutput(
            readStringProperty(TYPE, tag, pair, "input_field"),
            readStringProperty(TYPE, tag, pair, "output_field"));
    if (!pair.isEmpty()) {
      throw newConfigurationException(
          TYPE, tag, INPUT_OUTPUT, "has unknown parameters " + pair.keySet());
    }
    if (!outputs.add(fields.outputField())) {
      throw newConfigurationException(
          TYPE, tag, INPUT_OUTPUT, "writes [" + fields.outputField() + "] twice");
    }
    return fields;
  }

  private static InputType readInputType(String tag, Map<String, Object> config) {
    String name = readStringProperty(TYPE, tag, config, INPUT_TYPE, "document");
    for (InputType type : InputType.values()) {
      if (type.name().toLowerCase(Locale.ROOT).equals(name)) {
        return type;
      }
    }
    throw newConfigurationException(
        TYPE, tag, INPUT_TYPE, "must be query or document, not [" + name + "]");
  }
}
