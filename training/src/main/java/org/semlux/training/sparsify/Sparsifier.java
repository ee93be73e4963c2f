package org.semlux.training.sparsify;

import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
import org.semlux.encoders.network.MaskedLanguageHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;
import org.semlux.encoders.text.Vocabulary;
import org.semlux.training.data.Sentences;

/**
 * Makes a SPLADE encoder out of a dense one, in closed form: a text's terms are the words whose own
 * states, each read alone, are nearest to the states of its tokens. A few words are near everything
 * (hubs, Radovanović et al. 2010, https://www.jmlr.org/papers/v11/radovanovic10a.html): each word's
 * mean score of a text is taken off. Of what none of the given texts has, only what is nearest of
 * all becomes a term, so that the terms of a text are not spent on words that nobody searches for.
 * The same texts give the same bytes.
 *
 * {@snippet lang=java :
 * Sparsifier sparsifier = new Sparsifier(Path.of("all-MiniLM-L6-v2"));
 * Sparsifier.Texts texts = sparsifier.read(Path.of("texts.txt"), read -> {});
 * try (StagedFolder folder = StagedFolder.create(Path.of("sparse"), false)) {
 *   sparsifier.run(texts, 100, folder.path(), done -> {}); // about 100 terms a text
 *   folder.commit();
 * }
 * }
 */
public final class Sparsifier {
  /** Batches in which the whole vocabulary has a weight in each text. */
  private static final int TOKENS_SCORED = 512;

  private static final int TERMS_SCORED = 3_000_000;

  /** Different texts: of fewer a word's mean says nothing. */
  private static final int FEWEST = 20;

  /** Texts that the bias is chosen by. */
  private static final int SAMPLE = 1_000;

  /** What a word that no text has pays, in standard deviations of all words' scores. */
  private static final double STRANGE = 2;

  /** What makes every score positive, and keeps enough of its digits. */
  private static final float RAISED = 100;

  /** A bias that no score makes up for; within float16. */
  private static final float NEVER = -10_000;

  private static final Pattern UNUSED = Pattern.compile("\\[unused\\d+]");

  private final ModelFolder base;
  private final MaskedLanguageHead head;
  private final Network network;
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
    wordless = wordless(Vocabulary.of(Tokenizers.file(base.name(), first)));
  }

  /** What stands for no word, and so shall never be a term. */
  private Set<Integer> wordless(Vocabulary vocabulary) {
    Set<Integer> ids = new HashSet<>(vocabulary.specialIds());
    for (int id = 0; id < network.vocabularySize(); id++) {
      if (id >= vocabulary.size() || UNUSED.matcher(vocabulary.token(id)).matches()) {
        ids.add(id);
      }
    }
    return ids;
  }

  /**
   * Texts to fit to.
   *
   * @param sentences all different, which {@link #taken} of choose the terms
   * @param words ids that some text of the file has, also where it is longer than the model reads
   */
  public record Texts(List<String> sentences, BitSet words) {
    public Texts {
      sentences = List.copyOf(sentences);
      words = (BitSet) words.clone();
    }

    @Override
    public BitSet words() {
      return (BitSet) words.clone();
    }

    /** How many the terms are chosen by. */
    public int taken() {
      return Math.min(sentences.size(), SAMPLE);
    }
  }

  /**
   * Reads what to fit to, however long the file is.
   *
   * @param file see {@link Sentences#read}
   * @param progress told how many more texts have been read
   * @throws IOException when it cannot be read or holds no text
   */
  public Texts read(Path file, LongConsumer progress) throws IOException {
    BitSet words = new BitSet();
    try (Tokenizer tokenizer = Tokenizers.of(base, network)) {
      List<String> sentences =
          Sentences.read(
              file,
              text -> {
                Arrays.stream(tokenizer.ids(text, Integer.MAX_VALUE)).forEach(words::set);
                progress.accept(1);
              });
      return new Texts(sentences, words);
    }
  }

  /** What {@link #run} counts: words, and texts twice. */
  public int steps(Texts texts) {
    return network.vocabularySize() - wordless.size() + 2 * texts.taken();
  }

  /**
   * Fits the head and writes the sparse encoder.
   *
   * @param texts a thousand sentences; of more, a thousand choose the terms, and all tell which
   *     words there are
   * @param terms how many a text shall have on average
   * @param folder an empty folder
   * @param progress told how many more words and texts have been done, {@link #steps} in all
   * @throws IllegalArgumentException when too few texts are different to the model, or they have
   *     too few terms
   */
  public void run(Texts texts, double terms, Path folder, LongConsumer progress)
      throws IOException {
    if (texts.sentences().size() < FEWEST) {
      throw new IllegalArgumentException(
          "%s different texts are too few to tell what is near every text: give %s at least, and better some thousand"
              .formatted(texts.sentences().size(), FEWEST));
    }
    WordStates words;
    List<Tokens> sample;
    try (Tokenizer tokenizer = Tokenizers.of(base, network)) {
      sample = sample(texts, tokenizer);
      requireDifferent(sample);
      words = WordStates.of(base, network, tokenizer, wordless, progress);
    }
    BitSet known = texts.words();
    MaskedLanguageModel model = new MaskedLanguageModel(base, network, head, words);
    float[] bias = new float[network.vocabularySize()];
    Arrays.fill(bias, RAISED);
    wordless.forEach(id -> bias[id] = NEVER);
    model.write(folder, bias);
    Scores scores = scores(folder, sample, progress);
    for (int id = 0; id < bias.length; id++) {
      double taken = scores.means()[id] + (known.get(id) ? 0 : STRANGE * scores.deviation());
      bias[id] += (float) (RAISED - taken);
    }
    model.write(folder, bias);
    float threshold = threshold(folder, sample, terms, progress);
    for (int id = 0; id < bias.length; id++) {
      bias[id] -= threshold;
    }
    model.write(folder, bias);
  }

  /** Texts may all begin alike, and be cut before they differ. */
  private static void requireDifferent(List<Tokens> sample) {
    long different = sample.stream().map(tokens -> IntBuffer.wrap(tokens.ids())).distinct().count();
    if (different < FEWEST) {
      throw new IllegalArgumentException(
          "the model, which reads the beginnings of texts alone and takes all words that it does not know for one, sees %s different texts in these %s, too few to tell what is near every text: give texts that differ in what it reads, %s of them at least, and better some thousand"
              .formatted(different, sample.size(), FEWEST));
    }
  }

  /** As encoding reads texts of neither side. */
  private List<Tokens> sample(Texts texts, Tokenizer tokenizer) throws IOException {
    String prompt = Prompts.of(base).resolve(EncodeRequest.of(List.of()));
    List<Tokens> sample = new ArrayList<>();
    List<String> sentences = texts.sentences();
    int size = texts.taken();
    for (int i = 0; i < size; i++) {
      String text = sentences.get((int) ((long) i * sentences.size() / size));
      sample.add(tokenizer.tokenize(prompt + text));
    }
    return sample;
  }

  /**
   * What texts score.
   *
   * @param means {@code [vocabulary]} of each word in a text; 0 where it is none
   * @param deviation of a score from its word's mean
   */
  private record Scores(double[] means, double deviation) {}

  private Scores scores(Path folder, List<Tokens> texts, LongConsumer progress) throws IOException {
    double[] sums = new double[network.vocabularySize()];
    double[] squares = new double[network.vocabularySize()];
    terms(
        folder,
        texts,
        (found, count) -> {
          int terms = found.length / 3;
          for (int i = 0; i < terms; i++) {
            double score = score(found[2 * terms + i]);
            sums[(int) found[terms + i]] += score;
            squares[(int) found[terms + i]] += score * score;
          }
          progress.accept(count);
        });
    double variance = 0;
    double[] means = sums.clone();
    for (int id = 0; id < means.length; id++) {
      means[id] /= texts.size();
      variance += squares[id] / texts.size() - means[id] * means[id];
    }
    double mean = variance / (means.length - wordless.size());
    return new Scores(means, Math.sqrt(Math.max(0, mean))); // rounding leaves less than nothing
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
    try (LoadedModel model =
        LoadedModel.load(sparse, body, SpladeHead.of(sparse, body), Precision.FLOAT32)) {
      int atOnce = Math.max(1, TERMS_SCORED / network.vocabularySize());
      new BatchRun(model, TOKENS_SCORED, atOnce)
          .over(texts, (scope, found) -> scope.toFloats(found), sink);
    }
  }
}
