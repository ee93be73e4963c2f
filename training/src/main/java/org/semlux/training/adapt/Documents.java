package org.semlux.training.adapt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.semlux.training.data.CorpusFile;
import org.semlux.training.data.SourceText;
import org.semlux.training.index.Index;

/**
 * Where a corpus comes from.
 *
 * {@snippet lang=java :
 * DocumentSample sample = new DocumentSample(10_000, Set.of(), 42);
 * new Documents("text", "title").read(Path.of("corpus.jsonl.gz"), sample);
 * List<Document> documents = sample.documents(); // 10,000 of all at the most
 * }
 *
 * @param field of texts
 * @param titleField of titles; a document may lack it
 */
public record Documents(String field, String titleField) {
  /** Where titles are unless somebody says otherwise. */
  public static final String TITLE = "title";

  /** Takes them one after the other. */
  public interface Sink {
    void accept(Document document) throws IOException;
  }

  /**
   * The documents of a file, as {@link CorpusFile} reads it. What has no id is called by the number
   * of its line.
   *
   * @throws IOException when the file cannot be read; a bad line is named
   */
  public void read(Path file, Sink sink) throws IOException {
    read(file, sink, notice -> {});
  }

  /**
   * The same.
   *
   * @param notices is told what was assumed
   */
  void read(Path file, Sink sink, Consumer<String> notices) throws IOException {
    new CorpusFile(file, field, titleField)
        .read(row -> sink.accept(new Document(row.name(), row.title(), row.text())), notices);
  }

  /** The documents of an index; those without a text are left out. */
  public void read(Index index, Sink sink) throws IOException {
    index.read(
        List.of(field, titleField),
        (id, source) ->
            sink.accept(
                new Document(id, SourceText.of(source, titleField), SourceText.of(source, field))));
  }
}
