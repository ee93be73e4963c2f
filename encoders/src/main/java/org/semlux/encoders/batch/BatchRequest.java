package org.semlux.encoders.batch;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.text.Tokens;

/**
 * What a caller hands to a {@link BatchQueue}, which accepts all of it or none.
 *
 * @param inputs tokenizes one text each, into one sequence or several, a piece at a time: empty
 *     until it is done; called on compute threads, on one at a time
 * @param bytes of their text, for the queue's bound
 * @param finish makes a caller's answer of what the model gave a sequence; called on compute
 *     threads
 * @param merge makes one answer of two, where a text became several sequences; in any order
 * @param <R> what the model gives a sequence
 * @param <A> a text's answer
 */
public record BatchRequest<R, A>(
    List<Supplier<Optional<List<Tokens>>>> inputs,
    long bytes,
    Priority priority,
    Optional<Instant> deadline,
    Finish<R, A> finish,
    BinaryOperator<A> merge) {
  /** Makes an answer of what a sequence of an input got. */
  @FunctionalInterface
  public interface Finish<R, A> {
    A of(int input, R got);
  }
}
