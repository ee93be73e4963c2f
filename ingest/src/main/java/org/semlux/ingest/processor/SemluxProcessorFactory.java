package org.semlux.ingest.processor;

import static org.elasticsearch.ingest.ConfigurationUtils.newConfigurationException;
import static org.elasticsearch.ingest.ConfigurationUtils.readBooleanProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readList;
import static org.elasticsearch.ingest.ConfigurationUtils.readStringProperty;
import static org.semlux.ingest.processor.SemluxProcessor.TYPE;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.common.util.concurrent.AbstractThrottledTaskRunner;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.ingest.Processor;
import org.semlux.encoders.api.Excerpt;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * Reads a processor:
 *
 * <pre>{@code
 * {"model_id": …,
 *  "input_output": [{"input_field": …, "output_field": …, …}],
 *  "input_type": "document",
 *  "pruning": {"top_k": …, "min_ratio": …, "min_weight": …, "drop_special_tokens": false},
 *  "chunking": {"strategy": "tokens|sentences|token_sentences|words", "size": 200, "overlap": 20, "limit": 100},
 *  "ignore_missing": false,
 *  "skip_unchanged": true}
 * }</pre>
 *
 * Each entry of {@code input_output} may have a {@code model_id}, {@code input_type}, {@code
 * pruning} and {@code chunking} of its own. Whether a model is deployed, and of which kind it is,
 * is asked when a document comes, as pipelines outlive deployments.
 */
public final class SemluxProcessorFactory implements Processor.Factory {
  static final String IGNORE_MISSING = "ignore_missing";
  private static final String SKIP_UNCHANGED = "skip_unchanged";
  private static final String INPUT_OUTPUT = "input_output";

  private final EncoderSource encoders;
  private final ThreadContext threadContext;
  private final FieldMappings mappings;
  private final AbstractThrottledTaskRunner<ActionListener<Releasable>> longTexts;

  /**
   * @param executor cuts long texts into passages, for which they are tokenized
   * @param atOnce how many documents it is given at a time; the others wait here
   */
  public SemluxProcessorFactory(
      EncoderSource encoders,
      ThreadContext threadContext,
      FieldMappings mappings,
      Executor executor,
      int atOnce) {
    this.encoders = encoders;
    this.threadContext = threadContext;
    this.mappings = mappings;
    this.longTexts =
        new AbstractThrottledTaskRunner<>(
            SemluxProcessor.TYPE, atOnce, executor, new ConcurrentLinkedQueue<>()) {
          /** Else a queue that is full for an instant would fail all documents that wait here. */
          @Override
          protected boolean isForceExecution(ActionListener<Releasable> document) {
            return true;
          }
        };
  }

  @Override
  public SemluxProcessor create(
      Map<String, Processor.Factory> processorFactories,
      String tag,
      String description,
      Map<String, Object> config,
      ProjectId projectId) {
    checkWhole(Arrays.asList(tag, description, config));
    FieldConfig forAll = FieldConfig.defaults(tag).read(config);
    boolean ignoreMissing = readBooleanProperty(TYPE, tag, config, IGNORE_MISSING, false);
    boolean skipUnchanged = readBooleanProperty(TYPE, tag, config, SKIP_UNCHANGED, true);
    return new SemluxProcessor(
        tag,
        description,
        threadContext,
        readFields(tag, config, forAll),
        new FieldReader(encoders, ignoreMissing, skipUnchanged),
        mappings,
        longTexts);
  }

  /** A pipeline is kept in the cluster's state, which cannot be published with half a character. */
  private static void checkWhole(Object value) {
    if (value instanceof Map<?, ?> object) {
      object.forEach(
          (name, content) -> {
            checkWhole(name);
            checkWhole(content);
          });
    } else if (value instanceof List<?> list) {
      list.forEach(one -> checkWhole(one));
    } else if (value instanceof String text && !Excerpt.isWhole(text)) {
      throw newConfigurationException(
          TYPE, null, null, "[" + Excerpt.of(text) + "] holds half of a character");
    }
  }

  private static List<InputOutput> readFields(
      String tag, Map<String, Object> config, FieldConfig forAll) {
    List<?> pairs = readList(TYPE, tag, config, INPUT_OUTPUT);
    if (pairs.isEmpty()) {
      throw newConfigurationException(TYPE, tag, INPUT_OUTPUT, "names no field");
    }
    Set<String> outputs = new HashSet<>();
    return pairs.stream().map(pair -> readPair(tag, pair, forAll, outputs)).toList();
  }

  private static InputOutput readPair(
      String tag, Object value, FieldConfig forAll, Set<String> outputs) {
    if (!(value instanceof Map<?, ?> object)) {
      throw newConfigurationException(TYPE, tag, INPUT_OUTPUT, "must be a list of objects");
    }
    Map<String, Object> pair = new HashMap<>();
    object.forEach((name, content) -> pair.put((String) name, content));
    String input = readStringProperty(TYPE, tag, pair, "input_field");
    String output = readStringProperty(TYPE, tag, pair, "output_field");
    FieldConfig own = forAll.read(pair);
    own.checkEmpty(INPUT_OUTPUT, pair);
    String place = TextPlace.withoutSource(output);
    if (!outputs.add(place)) {
      throw newConfigurationException(
          TYPE, tag, INPUT_OUTPUT, "writes [" + Excerpt.of(place) + "] twice");
    }
    String mark = place + EncodedMark.SUFFIX;
    if (outputs.contains(mark) && !TextPlace.isOfALoop(output)) {
      throw newConfigurationException(
          TYPE,
          tag,
          INPUT_OUTPUT,
          "writes [%s], where the mark of [%s] belongs: rename it"
              .formatted(Excerpt.of(mark), Excerpt.of(place)));
    }
    checkPath(tag, "input_field", input);
    checkPath(tag, "output_field", output);
    return new InputOutput(input, output, own.options());
  }

  private static void checkPath(String tag, String property, String path) {
    if (path.isEmpty() || path.startsWith(".") || path.endsWith(".") || path.contains("..")) {
      throw newConfigurationException(
          TYPE, tag, property, "is no field name: [" + Excerpt.of(path) + "]");
    }
  }
}
