package org.semlux.encoders.text;

import static java.lang.Integer.MAX_VALUE;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.Torch;

/**
 * A {@code tokenizer.json}, run by Hugging Face's own tokenizers library. Truncation and padding
 * that the file asks for are overridden: many ship with 128 tokens, whatever their model takes.
 *
 * {@snippet lang=java :
 * JsonFile file = JsonFile.read(Path.of("all-MiniLM-L6-v2/tokenizer.json"));
 * try (Tokenizer tokenizer = FastTokenizer.load(file, FastTokenizer.Options.of(256))) {
 *   tokenizer.tokenize("Who plays?").length(); // 5: [CLS] and [SEP] are two of them
 * }
 * }
 */
public final class FastTokenizer implements Tokenizer {
  /**
   * How texts are read.
   *
   * @param maxTokens where they are cut, special tokens counted
   * @param special whether special tokens are put around them
   * @param types whether the second text of a pair has a type of its own
   * @param keepsEnd whether it is the beginning that is cut off
   * @param rows of the model's word embedding: a text with an id beyond them is refused
   */
  public record Options(int maxTokens, boolean special, boolean types, boolean keepsEnd, int rows) {
    /** Special tokens and types as the file has them; the end is cut off. */
    public static Options of(int maxTokens) {
      return new Options(maxTokens, true, true, false, MAX_VALUE);
    }

    Options withMaxTokens(int other) {
      return new Options(other, special, types, keepsEnd, rows);
    }
  }

  /** Tokens that the cut of a piece may have changed, beside those of a word that it cut. */
  private static final int MARGIN = 32;

  /** Of a vocabulary's first tokens some are no special ones. */
  private static final int SAMPLES = 1_000;

  private final NativeTokenizer tokenizer;
  private final Joints joints;
  private final int margin;
  private final Tokens before;
  private final Tokens behind;
  private final int type;
  private final int vocabularySize;
  private final Set<Integer> specialIds;
  private final Options options;
  private final Map<InputType, Tokenizer> bySide = new EnumMap<>(InputType.class);

  private FastTokenizer(JsonFile file, NativeTokenizer tokenizer, Options options) {
    this.tokenizer = tokenizer;
    this.options = options;
    joints = Joints.of(file, tokenizer);
    JsonElement longest = file.object().getAsJsonObject("model").get("max_input_chars_per_word");
    margin = MARGIN + (longest == null ? 0 : longest.getAsInt());
    Vocabulary vocabulary = Vocabulary.ofChecked(file);
    vocabularySize = vocabulary.size();
    specialIds = vocabulary.specialIds();
    String text = sample(tokenizer, vocabulary);
    Tokens sample = tokenizer.withSpecialTokens(text, null);
    int[] around = options.special ? tokenizer.specialTokensAround(text) : null;
    before = around == null ? Tokens.of(new int[0]) : part(sample, 0, around[0]);
    behind =
        around == null
            ? Tokens.of(new int[0])
            : part(sample, sample.length() - around[1], sample.length());
    boolean typed = around != null && before.length() + behind.length() < sample.length();
    type = typed && options.types ? sample.types()[before.length()] : 0;
  }

  /** A text that has a token: only around one can be told what stands before and what behind. */
  private static String sample(NativeTokenizer tokenizer, Vocabulary vocabulary) {
    return Stream.concat(Stream.of("a"), vocabulary.spellings().limit(SAMPLES))
        .filter(
            text -> {
              int[] around = tokenizer.specialTokensAround(text);
              return around[0] + around[1] < tokenizer.withSpecialTokens(text, null).length();
            })
        .findFirst()
        .orElse("a");
  }

  /** The same with another length. */
  private FastTokenizer(FastTokenizer other, int maxTokens) {
    tokenizer = other.tokenizer;
    joints = other.joints;
    margin = other.margin;
    before = other.before;
    behind = other.behind;
    type = other.type;
    vocabularySize = other.vocabularySize;
    specialIds = other.specialIds;
    options = other.options.withMaxTokens(maxTokens);
  }

  /**
   * Loads a tokenizer.
   *
   * @param file the parsed {@code tokenizer.json}
   * @throws IOException when the library cannot use the file
   */
  public static FastTokenizer load(JsonFile file, Options options) throws IOException {
    Torch.start();
    TokenizerCheck.check(file);
    JsonObject json = file.object().deepCopy();
    json.add("truncation", JsonNull.INSTANCE); // cut here, to the model's own length
    json.add("padding", JsonNull.INSTANCE);
    json.add("decoder", JsonNull.INSTANCE); // nobody makes text of tokens
    NativeTokenizer tokenizer = null;
    FastTokenizer loaded = null;
    try {
      tokenizer = new NativeTokenizer(json.toString());
      loaded = new FastTokenizer(file, tokenizer, options);
      return loaded;
    } catch (RuntimeException e) {
      throw new ModelFileException(file.name() + " is no usable tokenizer: " + e.getMessage(), e);
    } finally {
      if (tokenizer != null && loaded == null) {
        tokenizer.close();
      }
    }
  }

  /** Sets the length of one side's texts; other texts keep theirs. For whoever loads it. */
  void setMaxTokens(InputType side, int maxTokens) {
    bySide.put(side, new FastTokenizer(this, maxTokens));
  }

  @Override
  public Tokenizer of(Optional<InputType> side) {
    return side.isPresent() ? bySide.getOrDefault(side.get(), this) : this;
  }

  private Tokens part(Tokens tokens, int from, int to) {
    int[] types = Arrays.copyOfRange(tokens.types(), from, to);
    if (!options.types) {
      Arrays.fill(types, 0);
    }
    return new Tokens(Arrays.copyOfRange(tokens.ids(), from, to), types, 0);
  }

  @Override
  public Reading<Tokens> reading(String text) {
    return readingIds(text, room()).map(this::around);
  }

  @Override
  public Reading<int[]> readingIds(String text, int most) {
    Reading<int[]> ids =
        options.keepsEnd
            ? new EndReader(tokenizer, joints, margin, text, most)
            : new PieceReader(tokenizer, joints, margin, text, most, false).map(Placed::ids);
    return ids.map(read -> known(cut(read, most)));
  }

  /** How many are around each text. */
  int specialTokens() {
    return before.length() + behind.length();
  }

  private int room() {
    return Math.max(0, options.maxTokens - specialTokens());
  }

  @Override
  public int[] cut(int[] ids, int most) {
    return ids.length > most && options.keepsEnd
        ? Arrays.copyOfRange(ids, ids.length - most, ids.length)
        : Tokenizer.super.cut(ids, most);
  }

  /** Tokens that were added behind the embedding's rows are few, and fewer texts have them. */
  private int[] known(int[] ids) {
    if (vocabularySize > options.rows) {
      for (int id : ids) {
        if (id >= options.rows) {
          throw new IllegalArgumentException(
              "the text has a token with the id %s, the model has %s only"
                  .formatted(id, options.rows));
        }
      }
    }
    return ids;
  }

  private Tokens around(int[] ids) {
    int length = before.length() + ids.length + behind.length();
    int[] all = Arrays.copyOf(before.ids(), length);
    int[] types = Arrays.copyOf(before.types(), length);
    System.arraycopy(ids, 0, all, before.length(), ids.length);
    Arrays.fill(types, before.length(), before.length() + ids.length, type);
    int end = before.length() + ids.length;
    System.arraycopy(behind.ids(), 0, all, end, behind.length());
    System.arraycopy(behind.types(), 0, types, end, behind.length());
    return length <= options.maxTokens
        ? new Tokens(all, types, 0)
        : part(new Tokens(all, types, 0), 0, options.maxTokens);
  }

  @Override
  public Reading<Placed> readingPlaces(String text, int enough) {
    return new PieceReader(tokenizer, joints, margin, text, enough, true)
        .map(placed -> new Placed(known(placed.ids()), placed.starts()));
  }

  /** Without special tokens, nothing parts two texts. */
  @Override
  public Optional<Tokens> sampleOfPair(String text, String pair) {
    if (!options.special) {
      return Optional.empty();
    }
    Tokens tokens = tokenizer.withSpecialTokens(text, pair);
    return Optional.of(part(tokens, 0, tokens.length()));
  }

  /** Without special tokens, no prompt is told from its text. */
  @Override
  public int prefixLength(String prompt) {
    if (!options.special) {
      return 0;
    }
    int[] ids = tokenize(prompt).ids();
    return ids.length > 0 && specialIds.contains(ids[ids.length - 1]) ? ids.length - 1 : ids.length;
  }

  @Override
  public int specialTokensBefore() {
    return before.length();
  }

  /** Ids that stand around every text; the network must know them. */
  int largestSpecialId() {
    return Math.max(
        Arrays.stream(before.ids()).max().orElse(0), Arrays.stream(behind.ids()).max().orElse(0));
  }

  @Override
  public int maxTokens() {
    return options.maxTokens;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
