package org.semlux.encoders.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;

/**
 * One model of an architecture: all that is special about it. Which keys a config has, which
 * program makes token states of tokens, what weights are called and where they go, which heads
 * stand behind it. Its fragment defines {@code body(tokens [3, tokens], groups, plan, w) ->
 * [tokens, hidden]}, or, where it {@link #pools()}, {@code body(tokens [3, tokens], sequences [3,
 * sequences], w) -> [sequences, hidden]}.
 */
public interface Network {
  /** Modules of a folder that are this network's: the first one, mostly. */
  default int modules() {
    return 1;
  }

  /** Whether it makes one vector a text, with no states of its tokens. */
  default boolean pools() {
    return false;
  }

  /**
   * Whether the fragments define {@code first_states(tokens [3, tokens], sequences [3, sequences],
   * groups, plan, w) -> [sequences, hidden]}: what {@code body} gives first tokens, for less.
   */
  default boolean givesFirstStates() {
    return false;
  }

  /** Whether tokens at a text's end may read it while no other token attends to them. */
  default boolean readsUnseen() {
    return !pools();
  }

  /** What it computes in where a precision, never AUTO, is asked for. */
  default Precision precision(Precision asked) {
    return asked;
  }

  /** The program fragments, without their ending, in the order of use. */
  List<String> fragments();

  /** Values for the fragments' {@code ${…}}, beside the weights' names. */
  Map<String, Object> constants();

  /** The weights, by the names that the fragments know them by. The first is the word embedding. */
  NamedWeights weights();

  /** The weights, in the order of the program's list. */
  default List<Parameter> parameters() {
    return weights().parameters();
  }

  /** All that the fragments take. */
  default Map<String, Object> allConstants() {
    Map<String, Object> all = new HashMap<>(weights().constants(0));
    all.putAll(constants());
    return all;
  }

  /** What scores the vocabulary in this architecture; empty where nothing does that is known. */
  default Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.empty();
  }

  /** What classifies texts and pairs in this architecture; empty where nothing known does. */
  default Optional<Classifier> classifier() {
    return Optional.empty();
  }

  /** Whether a token's position counts what stands before the text to fill it up. */
  default boolean countsPadding() {
    return false;
  }

  /** Whether training leaves the word vector of the config's {@code pad_token_id} where it is. */
  default boolean keepsPadding() {
    return false;
  }

  /** Keys of a config that hold rates of dropout. Those that it leaves out have a default. */
  default List<String> dropoutKeys() {
    return List.of();
  }

  /** What folders of a head model put before every name of the body's, such as {@code bert.}. */
  String prefix();

  /** Numbers in a token's state. */
  int hidden();

  /** Ids that the word embedding holds. */
  int vocabularySize();

  /**
   * Numbers in float32 that it holds at once for each pair of a text's tokens, of all heads: what
   * it adds to attention's scores. Attention itself holds none for long texts.
   */
  default int numbersOfPairs() {
    return 0;
  }

  /** Tokens that positions exist for. */
  int maxPositions();

  /**
   * Looks whether texts of so many tokens can be read, where positions do not tell.
   *
   * @throws org.semlux.encoders.api.ModelException when they cannot
   */
  default void requireLength(int tokens) {}

  /** What it makes of texts with more tokens than that. */
  default Beyond beyondPositions() {
    return Beyond.CUT;
  }

  /** What becomes of texts that are longer than a network's positions. */
  enum Beyond {
    /** It reads no more than {@link #maxPositions()}. */
    CUT,
    /** Positions are computed, so that it reads them where asked. */
    READ,
    /** In the reference a text's vector then depends on what else is in its batch. */
    REFUSED
  }
}
