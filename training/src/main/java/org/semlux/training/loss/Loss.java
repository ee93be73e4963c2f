package org.semlux.training.loss;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.data.ScoredPair;

/**
 * A loss, by the name that the command line knows it by. Its program method is {@code loss(answers,
 * labels [pairs], hyper) -> [parts]}; answers are what the head's {@code encode} gives, of a pair's
 * first texts and then of their second ones, or of the pairs themselves.
 */
public enum Loss {
  /** The mean squared error of cosines against labels. */
  COSINE_SIMILARITY(
      "CosineSimilarity", EncoderKind.DENSE, -1, List.of("cosine-similarity"), List.of()),
  /** Ranks cosines as labels do. */
  COSENT(
      "CoSENT",
      EncoderKind.DENSE,
      Double.NEGATIVE_INFINITY,
      List.of("cosent", "ranking"),
      List.of()),
  /** Ranks angles as labels do. */
  ANGLE(
      "AnglE", EncoderKind.DENSE, Double.NEGATIVE_INFINITY, List.of("angle", "ranking"), List.of()),
  /** Binary cross-entropy of a pair's score against its label. */
  BINARY_CROSS_ENTROPY(
      "BinaryCrossEntropy", EncoderKind.CROSS, 0, List.of("binary-cross-entropy"), List.of()),
  /** SpladeLoss over the cosines of term weights. */
  SPARSE_COSINE_SIMILARITY(
      "SparseCosineSimilarity",
      EncoderKind.SPARSE,
      -1,
      List.of("splade"),
      List.of("base_loss", "document_regularizer_loss", "query_regularizer_loss"));

  private static final double ANY = Double.NEGATIVE_INFINITY;

  private final String name;
  private final EncoderKind kind;
  private final double lowest;

  // Both come from List.of.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> fragments;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> parts;

  Loss(String name, EncoderKind kind, double lowest, List<String> fragments, List<String> parts) {
    this.name = name;
    this.kind = kind;
    this.lowest = lowest;
    this.fragments = fragments;
    this.parts = parts;
  }

  /** The kind of encoder that it trains. */
  public EncoderKind kind() {
    return kind;
  }

  /** What the numbers of the method's result are called; nothing where it is one number. */
  public List<String> parts() {
    return parts;
  }

  /**
   * Refuses labels that the loss cannot come near: outside 0 to 1 for a probability, outside -1 to
   * 1 for a cosine. Losses that only rank take any.
   *
   * @throws IllegalArgumentException naming the first
   */
  public void check(List<ScoredPair> pairs) {
    for (int i = 0; lowest != ANY && i < pairs.size(); i++) {
      double label = pairs.get(i).score();
      if (label < lowest || label > 1) {
        throw new IllegalArgumentException(
            "the label %s of pair %d [%s] is not from %.0f to 1, as %s needs it: bring the scores into that range, or take a loss that ranks"
                .formatted(label, i + 1, pairs.get(i).sentence1(), lowest, name));
      }
    }
  }

  /** Adds the method to a program. */
  public void addTo(ProgramText text) {
    for (String fragment : fragments) {
      String resource = fragment + ".torchscript";
      try (InputStream in = Loss.class.getResourceAsStream(resource)) {
        text.append("\n" + new String(in.readAllBytes(), UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The one that a kind of encoder is trained by when nobody asks for another. */
  public static Loss of(EncoderKind kind) {
    return Arrays.stream(values()).filter(loss -> loss.kind == kind).findFirst().orElseThrow();
  }

  /** Those of a kind of encoder, for messages. */
  public static String names(EncoderKind kind) {
    return Arrays.stream(values())
        .filter(loss -> loss.kind == kind)
        .map(Loss::toString)
        .collect(Collectors.joining(", "));
  }

  /** Its class in the reference, where one around another makes term weights sparse. */
  public String reference() {
    return kind == EncoderKind.SPARSE ? "SpladeLoss" : name + "Loss";
  }

  /** As the command line names it. */
  @Override
  public String toString() {
    return name;
  }
}
