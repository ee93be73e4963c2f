package org.semlux.training.loss;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.data.TrainingRow;

/**
 * What training makes small. Its program method is {@code loss(answers, labels [rows, labels of a
 * row], hyper) -> [parts]}; answers are what the head's {@code encode} gives, of the rows' first
 * texts, then of their second ones and so on; of a cross-encoder, which reads pairs, of the rows'
 * first pairs, then of their second ones. Where rows are of several lengths the labels that a row
 * does not have are NaN, and the answers in their places mean nothing.
 *
 * <p>Most losses only say how one number comes about, a method {@code base(answers, labels) -> []}
 * in a fragment beside their class; {@link Splade} and {@link Matryoshka} stand around such ones.
 *
 * {@snippet lang=java :
 * Loss loss = Losses.of(EncoderKind.DENSE, Optional.of("Triplet"), new LossArguments());
 * loss.reference(); // "TripletLoss"
 * loss.shape().check("Triplet", List.of(new TrainingRow(List.of("a", "b", "c"), List.of())));
 * }
 */
public abstract class Loss {
  private static final String ONE_NUMBER = "one-number";

  private final EncoderKind kind;
  private final String reference;

  /**
   * @param kind that it trains
   * @param reference its class in the reference
   */
  Loss(EncoderKind kind, String reference) {
    this.kind = kind;
    this.reference = reference;
  }

  /** The kind of encoder that it trains. */
  public final EncoderKind kind() {
    return kind;
  }

  /** Its class in the reference, or the reference's name for the like. */
  public final String reference() {
    return reference;
  }

  /** Its settings by their names in the reference, for the model card. */
  public abstract Map<String, Object> parameters();

  /** The options of {@link LossArguments} that set it; any other would change nothing. */
  Set<String> settings() {
    return Set.of();
  }

  /**
   * Refuses vectors that the loss cannot be asked of.
   *
   * @param dimensions numbers of each
   * @throws IllegalArgumentException naming the option
   */
  public void checkDimensions(int dimensions) {}

  /**
   * What the loss leaves untrained of vectors, for people to be told; empty for nothing.
   *
   * @param dimensions numbers of each
   */
  public Optional<String> untrained(int dimensions) {
    return Optional.empty();
  }

  /** What the numbers of the method's result are called; nothing where it is one number. */
  public List<String> parts() {
    return List.of();
  }

  /** What it takes of a row. */
  public abstract RowShape shape();

  /** Whether labels only rank rows, so that any numbers will do. */
  public boolean ranks() {
    return false;
  }

  /**
   * Refuses labels that the loss cannot come near.
   *
   * @throws IllegalArgumentException naming the first
   */
  public void check(List<TrainingRow> rows) {}

  /** Resources beside this class that hold {@code base} and what it calls. */
  abstract List<String> fragments();

  /** What stands in the fragments. */
  Map<String, ?> constants() {
    return Map.of();
  }

  /** Adds the method to a program. */
  public void addTo(ProgramText text) {
    addBaseTo(text);
    add(ONE_NUMBER, Map.of(), text);
  }

  /** Adds the method {@code base} alone. */
  final void addBaseTo(ProgramText text) {
    fragments().forEach(fragment -> add(fragment, constants(), text));
  }

  static void add(String fragment, Map<String, ?> constants, ProgramText text) {
    String resource = fragment + ".torchscript";
    try (InputStream in = Loss.class.getResourceAsStream(resource)) {
      text.append("\n" + new String(in.readAllBytes(), UTF_8), constants);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a program's text has it. */
  static String bool(boolean value) {
    return value ? "True" : "False";
  }
}
