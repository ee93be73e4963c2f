package org.semlux.ingest.processor;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.ingest.Pipeline;

/**
 * A run of a pipeline in which processors of ours only look: they ask no model and note what they
 * would write. All other processors do what they do, so conditions, pipelines in pipelines and
 * texts that are made on the way count as they will in earnest.
 */
public final class DryRun {
  /** Within {@code _ingest}; plain strings, as documents can be copied on their way. */
  private static final String KEY = "semlux_dry_run";

  /** Why an output would be written. */
  public enum Finding {
    /** Its text is there and intact, but the output is not, or not whole. */
    MISSING,
    /** Its mark tells of another text, model or option, or there is none; or the text has gone. */
    OUTDATED
  }

  private DryRun() {}

  /**
   * Sends a document through a pipeline.
   *
   * @param source is changed as other processors wish
   * @param handler gets the output fields that would be written, none where the document would be
   *     dropped; or why the pipeline fails. On the caller's thread where no processor is
   *     asynchronous
   */
  public static void of(
      Pipeline pipeline,
      String index,
      String id,
      String routing,
      Map<String, Object> source,
      BiConsumer<Map<String, Finding>, Exception> handler) {
    IngestDocument document =
        new IngestDocument(index, id, 1, routing, VersionType.INTERNAL, source);
    document.getIngestMetadata().put(KEY, new HashMap<String, Object>());
    document.executePipeline(
        pipeline,
        (after, failure) -> {
          if (failure != null) {
            handler.accept(null, failure);
          } else {
            handler.accept(after == null ? Map.of() : findings(after), null);
          }
        });
  }

  private static Map<String, Finding> findings(IngestDocument document) {
    Map<String, Finding> findings = new HashMap<>();
    notes(document).forEach((output, name) -> findings.put(output, Finding.valueOf((String) name)));
    return findings;
  }

  static boolean isOf(IngestDocument document) {
    return document.getIngestMetadata().containsKey(KEY);
  }

  /** Of several findings about one output, as its places in an array have, the graver counts. */
  static void note(IngestDocument document, String output, Finding finding) {
    String path = TextPlace.bare(output);
    Map<String, Object> notes = notes(document);
    if (!Finding.OUTDATED.name().equals(notes.get(path))) {
      notes.put(path, finding.name());
    }
  }

  private static Map<String, Object> notes(IngestDocument document) {
    return FieldPath.object(document.getIngestMetadata().get(KEY));
  }
}
