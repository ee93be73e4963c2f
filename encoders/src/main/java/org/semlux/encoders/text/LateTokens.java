package org.semlux.encoders.text;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.LateInteraction.Expansion;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.TokenMask;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.ProgramText;

/**
 * Tokens of a multi-vector model's texts: what fills a query up, and which ones count. Thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * LateTokens late = LateTokens.of(folder, network);
 * Optional<InputType> query = Optional.of(InputType.QUERY);
 * try (Tokenizer tokenizer = Tokenizers.of(folder, network)) {
 *   Tokens tokens = late.filled(query, tokenizer.of(query).tokenize("Who plays?")); // 32 tokens
 *   boolean[] counted = late.counted(query, tokens); // which of them MaxSim compares
 * }
 * }
 */
public final class LateTokens {
  private static final String COUNTS =
      """

        def counts(self: __torch__.Program, tokens: Tensor, sequences: Tensor) -> Tensor:
          ids = torch.select(tokens, 0, 0)
          attended = torch.sub(torch.select(sequences, 0, 0), torch.select(sequences, 0, 2))
          seen = torch.lt(torch.select(tokens, 0, 1), torch.repeat_interleave(attended, torch.select(sequences, 0, 0)))
          return torch.to(${counted}, ${float32})
      """;

  private final Optional<Expansion> expansion;
  private final int filler;
  private final Optional<TokenMask> mask;
  private final Set<Integer> skipped;

  private LateTokens(
      Optional<Expansion> expansion, int filler, Optional<TokenMask> mask, Set<Integer> skipped) {
    this.expansion = expansion;
    this.filler = filler;
    this.mask = mask;
    this.skipped = skipped;
  }

  /**
   * Finds the tokens that a folder names.
   *
   * @throws ModelException when its tokenizer has nothing to fill queries up with, or its network
   *     cannot read what they are filled up with
   */
  public static LateTokens of(ModelFolder folder, Network network) throws IOException {
    LateInteraction late = LateInteraction.of(folder);
    ModelFolder.Module module = folder.modules().get(0);
    TokenizerFile file = TokenizerFile.of(folder.name(), module);
    JsonFile tokenizer = file.json();
    Map<String, Integer> ids = Vocabulary.of(tokenizer).ids();
    Set<Integer> skipped = new HashSet<>();
    // Words that are no token of their own would stand for the unknown one, which is not skipped.
    late.mask().map(TokenMask::skipped).orElse(Set.of()).stream()
        .filter(ids::containsKey)
        .forEach(word -> skipped.add(ids.get(word)));
    int filler = 0;
    if (late.expansion().isPresent()) {
      Expansion expansion = late.expansion().get();
      check(folder, network, expansion);
      if (file.padsBefore(tokenizer)) {
        throw refuse(
            folder,
            "are filled up before the text (padding_side of tokenizer_config.json or padding of"
                + " tokenizer.json), only those behind it");
      }
      filler =
          Optional.ofNullable(
                  expansion.token().isPresent() ? expansion.token().get() : file.filler())
              .map(ids::get)
              .orElseThrow(
                  () ->
                      refuse(folder, "are filled up with a token that its tokenizer has not, no"));
    }
    return new LateTokens(late.expansion(), filler, late.mask(), Set.copyOf(skipped));
  }

  private static void check(ModelFolder folder, Network network, Expansion expansion)
      throws IOException {
    int most = SequenceLength.longest(folder, network);
    if (expansion.length() > most) {
      throw refuse(
          folder,
          "are filled up to %s tokens, its network has positions for %s: no more"
              .formatted(expansion.length(), most));
    }
    if (!expansion.attended() && !network.readsUnseen()) {
      throw refuse(
          folder, "are filled up with tokens that its architecture cannot hide (attend), others");
    }
  }

  private static ModelException refuse(ModelFolder folder, String problem) {
    return ModelException.of(folder.name(), "its queries " + problem + " are supported");
  }

  /** A text's tokens as the network reads them: a query's filled up. */
  public Tokens filled(Optional<InputType> type, Tokens tokens) {
    if (type.filter(InputType.QUERY::equals).isEmpty()
        || expansion.isEmpty()
        || tokens.length() >= expansion.get().length()) {
      return tokens;
    }
    int length = expansion.get().length();
    int[] ids = Arrays.copyOf(tokens.ids(), length);
    Arrays.fill(ids, tokens.length(), length, filler);
    int unseen = expansion.get().attended() ? 0 : length - tokens.length();
    return new Tokens(
        ids, Arrays.copyOf(tokens.types(), length), tokens.prompt(), unseen, tokens.span());
  }

  /** Whether each of a text's filled tokens counts, {@code [tokens]}. */
  public boolean[] counted(Optional<InputType> type, Tokens tokens) {
    boolean[] counted = new boolean[tokens.length()];
    boolean query = type.filter(InputType.QUERY::equals).isPresent();
    for (int t = 0; t < counted.length; t++) {
      boolean unseen = t >= counted.length - tokens.unseen();
      counted[t] = mask.isEmpty() ? !unseen : counts(mask.get(), query, tokens.ids()[t]);
    }
    return counted;
  }

  /**
   * Adds to a program what {@link #counted} says, of any token and both sides: {@code counts(tokens
   * [3, tokens], sequences [3, sequences]) -> [tokens, 2]}, of each token 1 where it counts in a
   * query, and in a document.
   */
  public void addTo(ProgramText text) {
    text.append(
        COUNTS,
        Map.of(
            "counted",
            mask.map(
                    of ->
                        "torch.stack([%s, %s], 1)"
                            .formatted(counted(of, "query"), counted(of, "document")))
                .orElse("torch.stack([seen, seen], 1)")));
  }

  /** An expression for whether ids count on a side. */
  private String counted(TokenMask of, String task) {
    String every = "torch.ge(ids, 0)";
    String left =
        of.tasks().contains(task) && !skipped.isEmpty()
            ? "torch.logical_not(" + among(skipped) + ")"
            : every;
    boolean all = task.equals("query") || of.kept().isEmpty();
    return "torch.__and__(%s, %s)".formatted(left, all ? every : among(of.kept()));
  }

  private static String among(Set<Integer> ids) {
    return "torch.isin(ids, torch.tensor(%s))".formatted(ids.stream().sorted().toList());
  }

  /** Of a mask: a text without input type is a document. */
  private boolean counts(TokenMask of, boolean query, int id) {
    String task = (query ? InputType.QUERY : InputType.DOCUMENT).name().toLowerCase(Locale.ROOT);
    boolean skips = of.tasks().contains(task) && skipped.contains(id);
    return !skips && (query || of.kept().isEmpty() || of.kept().contains(id));
  }
}
