package org.semlux.plugin.reencode;

import java.util.HashSet;
import java.util.Set;
import org.elasticsearch.ingest.Pipeline;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.ingest.WrappingProcessor;
import org.semlux.ingest.processor.SemluxProcessor;

/**
 * The fields of a document that a pipeline's processors of ours read and write, as far as the
 * pipeline itself tells: not those of pipelines that it calls.
 *
 * @param passages those outputs that hold passages
 * @param marks beside the outputs
 */
record PipelineFields(
    Set<String> inputs, Set<String> outputs, Set<String> passages, Set<String> marks) {
  static final PipelineFields NONE = new PipelineFields(Set.of(), Set.of(), Set.of(), Set.of());

  /**
   * @throws IllegalArgumentException where there is nothing of ours in it
   */
  static PipelineFields of(Pipeline pipeline) {
    var fields =
        new PipelineFields(new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
    boolean any = false;
    for (Processor processor : pipeline.flattenAllProcessors()) {
      Processor inner = processor;
      while (inner instanceof WrappingProcessor wrapping) {
        inner = wrapping.getInnerProcessor();
      }
      if (inner instanceof SemluxProcessor ours) {
        fields.inputs.addAll(ours.inputs());
        fields.outputs.addAll(ours.outputs());
        fields.passages.addAll(ours.passages());
        fields.marks.addAll(ours.marks());
        any = true;
      } else {
        any |= inner.getType().equals("pipeline"); // a dry run tells what is in that one
      }
    }
    if (!any) {
      throw new IllegalArgumentException(
          "pipeline [%s] has no processor of type [%s]"
              .formatted(pipeline.getId(), SemluxProcessor.TYPE));
    }
    return fields;
  }
}
