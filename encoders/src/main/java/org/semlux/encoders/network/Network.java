package org.semlux.encoders.network;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.Parameter;

/**
 * One architecture: which program makes token states of tokens, and which weight goes where. Its
 * fragment defines {@code body(tokens [3, tokens], groups, plan, w) -> [tokens, hidden]}, or, where
 * it {@link #pools()}, {@code body(tokens [3, tokens], sequences [2, sequences], w) -> [sequences,
 * hidden]}.
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
   * Whether the fragments define {@code first_states(tokens [3, tokens], sequences [2, sequences],
   * groups, plan, w) -> [sequences, hidden]}: what {@code body} gives each text's first token, for
   * less.
   */
  default boolean givesFirstStates() {
    return false;
  }

  /** What it computes in where a precision, never AUTO, is asked for. */
  default Precision precision(Precision asked) {
    return asked;
  }

  /** The program fragments, without their ending, in the order of use. */
  List<String> fragments();

  /** Values for the fragments' {@code ${…}}. */
  Map<String, Object> constants();

  /** The weights, in the order of the program's list. */
  List<Parameter> parameters();

  /** What folders of a head model put before every name of the body's, such as {@code bert.}. */
  String prefix();

  /** Numbers in a token's state. */
  int hidden();

  /** Ids that the word embedding holds. */
  int vocabularySize();

  /** Tokens that positions exist for. */
  int maxPositions();
}
