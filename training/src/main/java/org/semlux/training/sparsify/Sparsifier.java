package org.semlux.training.sparsify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.MaskedLanguageHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.program.WeightReader;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;
import org.semlux.encoders.text.Vocabulary;

/**
 * Makes a SPLADE encoder out of a dense one, in closed form. Every token type counts alike in the
 * regression, however often it occurs: with each row weighted by one over its token's count, a
 * third of STSb dev stood at Spearman .789 with 82 terms a text, with one over the count's root at
 * .763, since function words then decide the fit. A few words are near everything (hubs,
 * Radovanović et al. 2010, https://www.jmlr.org/papers/v11/radovanovic10a.html): each word's mean
 * score of a text is taken off, which takes STSb dev from .792 to .814. The same texts give the
 * same bytes.
 *
 * {@snippet lang=java :
 * List<String> texts = Sentences.read(Path.of("texts.txt"));
 * Sparsifier sparsifier = new Sparsifier(Path.of("all-MiniLM-L6-v2"));
 * try (StagedFolder folder = StagedFolder.create(Path.of("sparse"), false)) {
 *   sparsifier.run(texts, 100, folder.path(), done -> {}); // about 100 terms a text
 *   folder.commit();
 * }
 * }
 */
public final class Sparsifier {
  /** Batches of the regression: enough rows that summing costs little beside the network. */
  private static final int TOKENS = 4_096;

  /** Batches of the bias, in which the whole vocabulary has a weight in each text. */
  private static final int TOKENS_SCORED = 512;

  private static final int TERMS_SCORED = 3_000_000;

  /** Different texts: of fewer a word's mean says nothing. */
  private static final int FEWEST = 20;

  /** Texts that the bias is chosen by. */
  private static final int SAMPLE = 1_000;

  /** What makes every score positive, and keeps enough of its digits. */
  private static final float RAISED = 100;

  /** A bias that no score makes up for; within float16. */
  private static final float NEVER = -10_000;

  private static final Pattern UNUSED = Pattern.compile("\\[unused\\d+]");

  private final ModelFolder base;
  private final MaskedLanguageHead head;
  private final Network network;
  private final WordEmbedding embedding;
  private final Set<Integer> wordless;

  /**
   * Opens a dense encoder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when it is none, or one without a masked language model's head
   */
  public Sparsifier(Path folder) throws IOException {
    base = ModelFolder.open(folder);
    if (base.kind() != EncoderKind.DENSE) {
      throw ModelException.of(
          base.name(),
          "it is a " + base.kind() + " model, and only a dense one can be made sparse");
    }
    ModelFolder.Module first = base.modules().get(0);
    if (!first.type().equals("Transformer")) {
      throw ModelException.of(
          base.name(),
          "it begins with " + first.type() + ", and only a transformer can be made sparse");
    }
    network = Networks.of(base);
    head =
        network
            .maskedLanguageHead()
            .filter(known -> MaskedLanguageModel.carries(known, network.hidden()))
            .orElseThrow(
                () ->
                    ModelException.of(
                        base.name(),
                        "no masked language model's head of its architecture is known that term"
                            + " weights can be put into"));
    embedding =
        WordEmbedding.of(
            WeightReader.stored(head.words(), base.weights(first), network.prefix())
                .orElseThrow(
                    () ->
                        ModelException.of(base.name(), "weight " + head.words() + " is missing")));
    wordless = wordless(Vocabulary.of(Tokenizers.file(base.name(), first)));
  }

  /** What stands for no word, and so shall never be a term. */
  private Set<Integer> wordless(Vocabulary vocabulary) {
    Set<Integer> ids = new HashSet<>(vocabulary.specialIds());
    for (int id = 0; id < embedding.vocabulary(); id++) {
      if (id >= vocabulary.size() || UNUSED.matcher(vocabulary.token(id)).matches()) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** What {@link #run} counts for so many texts. */
  public static int steps(int texts) {
    return texts + 2 * Math.min(texts, SAMPLE);
  }

  /**
   * Fits the head and writes the sparse encoder.
   *
   * @param texts some thousand sentences, all different
   * @param terms how many a text shall have on average
   * @param folder an empty folder
   * @param progress told how many more texts have been done, {@link #steps} in all
   * @throws IllegalArgumentException when the texts are too few, hold no word or have too few terms
   */
  public void run(List<String> texts, double terms, Path folder, LongConsumer progress)
      throws IOException {
    if (texts.size() < FEWEST) {
      throw new IllegalArgumentException(
          "%s different texts are too few to tell what is near every text: give %s at least, and better some thousand"
              .formatted(texts.size(), FEWEST));
    }
    List<Tokens> tokens = tokenize(texts);
    MaskedLanguageModel model =
        new MaskedLanguageModel(base, network, head, embedding, fit(tokens, progress));
    List<Tokens> sample = sample(tokens);
    float[] bias = new float[embedding.vocabulary()];
    Arrays.fill(bias, RAISED);
    wordless.forEach(id -> bias[id] = NEVER);
    model.write(folder, bias);
    double[] means = meanScores(folder, sample, progress);
    for (int id = 0; id < bias.length; id++) {
      bias[id] += RAISED - (float) means[id];
    }
    model.write(folder, bias);
    float threshold = threshold(folder, sample, terms, progress);
    for (int id = 0; id < bias.length; id++) {
      bias[id] -= threshold;
    }
    model.write(folder, bias);
  }

  /** As encoding reads texts of neither side. */
  private List<Tokens> tokenize(List<String> texts) throws IOException {
    String prompt = Prompts.of(base).resolve(EncodeRequest.of(List.of()));
    try (Tokenizer tokenizer = Tokenizers.of(base, network)) {
      return texts.stream().map(text -> tokenizer.tokenize(prompt + text)).toList();
    }
  }

  private Projection fit(List<Tokens> texts, LongConsumer progress) throws IOException {
    TokenRegression regression = new TokenRegression(network, embedding, rowWeights(texts));
    try (LoadedModel model = load(base, network, regression)) {
      new BatchRun(model, TOKENS, texts.size())
          .over(
              texts,
              (scope, sums) -> scope.toDoubles(sums),
              (sums, count) -> {
                regression.add(sums);
                progress.accept(count);
              });
    }
    return regression.solve();
  }

  private static LoadedModel load(ModelFolder folder, Network network, Head head)
      throws IOException {
    return LoadedModel.load(folder, network, head, Precision.FLOAT32);
  }

  /** One over a token's count; nothing for those that stand for no word. */
  private float[] rowWeights(List<Tokens> texts) {
    float[] weights = new float[embedding.vocabulary()];
    texts.forEach(
        text -> {
          for (int id : text.ids()) {
            weights[id]++;
          }
        });
    wordless.forEach(id -> weights[id] = 0);
    boolean any = false;
    for (int id = 0; id < weights.length; id++) {
      any |= weights[id] > 0;
      weights[id] = weights[id] > 0 ? 1 / weights[id] : 0;
    }
    if (!any) {
      throw new IllegalArgumentException("the texts hold no word of the model's vocabulary");
    }
    return weights;
  }

  private static List<Tokens> sample(List<Tokens> texts) {
    List<Tokens> sample = new ArrayList<>();
    int size = Math.min(texts.size(), SAMPLE);
    for (int i = 0; i < size; i++) {
      sample.add(texts.get((int) ((long) i * texts.size() / size)));
    }
    return sample;
  }

  /** {@code [vocabulary]} of each word in a text; 0 where it has none. */
  private double[] meanScores(Path folder, List<Tokens> texts, LongConsumer progress)
      throws IOException {
    double[] means = new double[embedding.vocabulary()];
    terms(
        folder,
        texts,
        (found, count) -> {
          int terms = found.length / 3;
          for (int i = 0; i < terms; i++) {
            means[(int) found[terms + i]] += score(found[2 * terms + i]) / texts.size();
          }
          progress.accept(count);
        });
    return means;
  }

  /** The score that leaves so many terms a text when it is taken off. */
  private float threshold(Path folder, List<Tokens> texts, double terms, LongConsumer progress)
      throws IOException {
    LargestNumbers largest = new LargestNumbers((int) Math.ceil(terms * texts.size()));
    terms(
        folder,
        texts,
        (found, count) -> {
          for (int i = found.length / 3 * 2; i < found.length; i++) {
            largest.add(found[i]);
          }
          progress.accept(count);
        });
    float weight = largest.smallest();
    if (weight == Float.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "%s terms a text are more than this model has for these texts".formatted(terms));
    }
    return (float) score(weight);
  }

  /** A weight is the logarithm of one and the score. */
  private static double score(float weight) {
    return Math.expm1(weight);
  }

  /**
   * Encodes by a sparse encoder.
   *
   * @param sink takes {@code [3, terms]}, texts, terms and weights, of a batch
   */
  private void terms(Path folder, List<Tokens> texts, BatchRun.Sink<float[]> sink)
      throws IOException {
    ModelFolder sparse = ModelFolder.open(folder);
    Network body = Networks.of(sparse);
    try (LoadedModel model = load(sparse, body, SpladeHead.of(sparse, body))) {
      int atOnce = Math.max(1, TERMS_SCORED / embedding.vocabulary());
      new BatchRun(model, TOKENS_SCORED, atOnce)
          .over(texts, (scope, found) -> scope.toFloats(found), sink);
    }
  }
}
