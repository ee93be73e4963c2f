package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.semlux.training.data.CorpusFile;
import org.semlux.training.index.Index;
import org.semlux.training.run.Progress;

/**
 * Draws a sample of a corpus.
 *
 * @param err is told what is looked for, and how much was found
 */
record CorpusReading(AdaptationPlan.Corpus corpus, PrintWriter err) {
  /** Types of fields that hold texts to learn from. */
  private static final Set<String> TEXTS = Set.of("text", "match_only_text", "semlux_text");

  /**
   * Reads all documents.
   *
   * @param needed ids of those that are taken whatever is drawn
   * @throws IOException when they cannot be read, or none has a text
   */
  DocumentSample sample(Set<String> needed, long seed) throws IOException {
    DocumentSample sample = new DocumentSample(corpus.most(), needed, seed);
    Documents documents = corpus.documents();
    try (Progress progress = new Progress(err, "Reading", Progress.Unit.TEXTS, -1)) {
      Documents.Sink sink =
          document -> {
            sample.accept(document);
            progress.step(1);
          };
      if (corpus.index().isPresent()) {
        read(corpus.index().get(), sink);
      } else {
        documents.read(corpus.file().orElseThrow(), sink, err::println);
      }
    }
    int count = sample.documents().size();
    err.printf(Locale.ROOT, "%,d of %,d documents%n", count, sample.seen());
    if (count == 0) {
      throw new IOException(
          namesFields()
              ? "no document has a text in [" + documents.field() + "]: give its name by --field"
              : "[" + corpus.file().orElseThrow() + "] holds no texts");
    }
    requireIds(sample);
    return sample;
  }

  private boolean namesFields() throws IOException {
    Documents documents = corpus.documents();
    return corpus.file().isEmpty()
        || new CorpusFile(corpus.file().get(), documents.field(), documents.titleField())
            .namesFields();
  }

  /** Clicks, judgements and the index's searches name a document by its id alone. */
  private void requireIds(DocumentSample sample) throws IOException {
    Optional<String> twice = sample.duplicate();
    if (twice.isPresent()) {
      throw new IOException(
          corpus.index().isPresent()
              ? "[%s]: the id [%s] is there twice, in several indices: give one of them by --index"
                  .formatted(corpus.index().get().name(), twice.get())
              : "[%s]: the id [%s] is there twice: documents are called by [_id], or else [id], so rename that key if it means something else, or leave it out"
                  .formatted(corpus.file().orElseThrow(), twice.get()));
    }
  }

  /**
   * Reads an index. A field that it does not map may be in its documents all the same; a name that
   * is wrong is told after the first page, before all of the index has been read.
   */
  private void read(Index from, Documents.Sink sink) throws IOException {
    String field = corpus.documents().field();
    String titleField = corpus.documents().titleField();
    Map<String, Set<String>> fields = from.fields();
    Set<String> doubted = new LinkedHashSet<>(List.of(field));
    if (!titleField.equals(Documents.TITLE)) { // what nobody asked for may be lacking
      doubted.add(titleField);
    }
    doubted.removeAll(fields.keySet());
    if (!doubted.isEmpty()) {
      err.printf("[%s] maps no field %s: looking into its documents%n", from.name(), doubted);
    }
    List<String> texts =
        fields.keySet().stream()
            .filter(name -> fields.get(name).stream().anyMatch(TEXTS::contains))
            .toList();
    AtomicInteger read = new AtomicInteger();
    corpus
        .documents()
        .read(
            from,
            document -> {
              sink.accept(document);
              if (!document.text().isBlank()) {
                doubted.remove(field);
              }
              if (!document.title().isBlank()) {
                doubted.remove(titleField);
              }
              if (read.incrementAndGet() == Index.PAGE) {
                requireNone(doubted, from, read.get(), texts);
              }
            });
    requireNone(doubted, from, read.get(), texts);
  }

  private static void requireNone(Set<String> lacking, Index from, int read, List<String> texts)
      throws IOException {
    if (!lacking.isEmpty()) {
      throw new IOException(
          "[%s] maps no field %s and none of its first %s documents has it, it has texts in %s"
              .formatted(from.name(), lacking, read, texts));
    }
  }
}
