package org.semlux.training.adapt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Vocabulary;
import org.semlux.training.base.InferenceFreeFolder;
import org.semlux.training.base.StartingFolder;

/**
 * How rare each term of a sparse encoder is in a corpus: BM25's inverse document frequency. Queries
 * that are looked up weigh their terms so before anything is learnt (Geng et al. 2024,
 * https://arxiv.org/abs/2411.04403).
 *
 * {@snippet lang=java :
 * Path texts = Path.of("corpus.jsonl");
 * List<Document> corpus = new ArrayList<>();
 * new Documents("text", Documents.TITLE).read(texts, corpus::add);
 * Path start = Files.createDirectory(Path.of("start"));
 * TermRarity.write(Path.of("splade"), corpus, start); // rare terms weigh much in its table
 * }
 */
public final class TermRarity {
  private TermRarity() {}

  /** Writes a base whose queries are looked up, weighed so, into an empty folder. */
  public static void write(Path base, List<Document> corpus, Path target) throws IOException {
    StartingFolder.of(base, 0).write(EncoderKind.SPARSE, target);
    List<String> texts = corpus.stream().map(Document::text).toList();
    InferenceFreeFolder.change(target, of(ModelFolder.open(base), texts));
  }

  /**
   * {@link Bm25#rarity} of each term in the texts; 0 of special tokens, which stand for no word.
   *
   * @param folder of a sparse encoder that consists of modules
   * @return {@code [vocabulary]}
   */
  static float[] of(ModelFolder folder, List<String> texts) throws IOException {
    Vocabulary vocabulary = Vocabulary.of(Tokenizers.file(folder.name(), folder.modules().get(0)));
    int[] having = new int[vocabulary.size()];
    try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
      for (String text : texts) {
        int[] ids = tokenizer.ids(text, tokenizer.maxTokens());
        Arrays.stream(ids).distinct().forEach(id -> having[id]++);
      }
    }
    float[] rarity = new float[having.length];
    for (int id = 0; id < rarity.length; id++) {
      rarity[id] = (float) Bm25.rarity(having[id], texts.size());
    }
    vocabulary.specialIds().forEach(id -> rarity[id] = 0);
    return rarity;
  }
}
