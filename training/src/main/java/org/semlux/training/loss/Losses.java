package org.semlux.training.loss;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;

/**
 * All losses, by the names that the command line knows them by. The first of a kind is its own.
 *
 * {@snippet lang=java :
 * Losses.name(EncoderKind.DENSE, Optional.empty()); // "CosineSimilarity"
 * Loss loss = Losses.of(EncoderKind.CROSS, Optional.of("lambda"), new LossArguments());
 * }
 */
public final class Losses {
  private interface Maker {
    Loss make(LossArguments arguments);
  }

  private record Entry(EncoderKind kind, String name, Maker maker) {}

  private static final List<Entry> ALL =
      List.of(
          dense("CosineSimilarity", CosineSimilarity::new),
          dense("CoSENT", PairRanking::coSent),
          dense("AnglE", PairRanking::anglE),
          dense("MultipleNegativesRanking", MultipleNegativesRanking::dense),
          dense("Triplet", Triplet::new),
          dense("Contrastive", Contrastive::new),
          dense("OnlineContrastive", OnlineContrastive::new),
          dense("MarginMSE", arguments -> new MarginMse(EncoderKind.DENSE, arguments)),
          dense("DistillKLDiv", arguments -> new DistillKlDiv(EncoderKind.DENSE, arguments)),
          sparse("SparseCosineSimilarity", CosineSimilarity::new),
          sparse("SparseMultipleNegativesRanking", MultipleNegativesRanking::sparse),
          sparse("SparseMarginMSE", arguments -> new MarginMse(EncoderKind.SPARSE, arguments)),
          sparse(
              "SparseDistillKLDiv", arguments -> new DistillKlDiv(EncoderKind.SPARSE, arguments)),
          tokens("MultipleNegativesRanking", MultipleNegativesRanking::multiVector),
          tokens("MarginMSE", arguments -> new MarginMse(EncoderKind.MULTI_VECTOR, arguments)),
          tokens(
              "DistillKLDiv", arguments -> new DistillKlDiv(EncoderKind.MULTI_VECTOR, arguments)),
          cross("BinaryCrossEntropy", BinaryCrossEntropy::new),
          cross("MSE", MeanSquaredError::new),
          cross("Lambda", ListRanking::lambda),
          cross("RankNet", ListRanking::rankNet),
          cross("ListNet", ListNet::new),
          cross("MarginMSE", arguments -> new MarginMse(EncoderKind.CROSS, arguments)),
          cross("DistillKLDiv", arguments -> new DistillKlDiv(EncoderKind.CROSS, arguments)));

  private Losses() {}

  private static Entry dense(String name, Maker maker) {
    return new Entry(EncoderKind.DENSE, name, maker);
  }

  private static Entry sparse(String name, Maker maker) {
    return new Entry(EncoderKind.SPARSE, name, arguments -> new Splade(maker.make(arguments)));
  }

  private static Entry tokens(String name, Maker maker) {
    return new Entry(EncoderKind.MULTI_VECTOR, name, maker);
  }

  private static Entry cross(String name, Maker maker) {
    return new Entry(EncoderKind.CROSS, name, maker);
  }

  /**
   * The loss of a name.
   *
   * @param name in any case; empty: the one that a kind of encoder is trained by when nobody asks
   *     for another
   * @throws IllegalArgumentException when the kind has none of that name, or a setting makes no
   *     sense or is none of the loss's
   */
  public static Loss of(EncoderKind kind, Optional<String> name, LossArguments arguments) {
    arguments.check(kind);
    if (!arguments.matryoshkaDims.isEmpty() && kind != EncoderKind.DENSE) {
      throw new IllegalArgumentException("--matryoshka-dims are for bi-encoders alone");
    }
    Loss inside = entry(kind, name).maker.make(arguments);
    Loss loss =
        arguments.matryoshkaDims.isEmpty()
            ? inside
            : new Matryoshka(inside, arguments.matryoshkaDims, arguments.matryoshkaWeights);
    Set<String> useless = arguments.given();
    useless.removeAll(loss.settings());
    if (!useless.isEmpty()) {
      throw new IllegalArgumentException(
          "%s is no setting of --loss %s: leave it out"
              .formatted(String.join(", ", useless), name(kind, name)));
    }
    return loss;
  }

  /** All of them, as they are set where nobody asks for anything. */
  public static List<Loss> all() {
    return ALL.stream().map(entry -> entry.maker.make(new LossArguments())).toList();
  }

  /** The full name of a loss, see {@link #of}. */
  public static String name(EncoderKind kind, Optional<String> name) {
    return entry(kind, name).name;
  }

  private static Entry entry(EncoderKind kind, Optional<String> name) {
    return ALL.stream()
        .filter(entry -> entry.kind == kind)
        .filter(entry -> name.isEmpty() || entry.name.equalsIgnoreCase(name.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--loss %s trains no %s: take one of %s"
                        .formatted(name.orElse(""), encoder(kind), names(kind))));
  }

  private static String encoder(EncoderKind kind) {
    return switch (kind) {
      case DENSE -> "bi-encoder";
      case SPARSE -> "sparse-encoder";
      case CROSS -> "cross-encoder";
      case MULTI_VECTOR -> "multi-vector encoder";
    };
  }

  private static String names(EncoderKind kind) {
    return ALL.stream().filter(entry -> entry.kind == kind).map(Entry::name).collect(joining(", "));
  }

  /** All names, for help; those that several kinds have once. */
  public static final class Names implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return ALL.stream().map(Entry::name).distinct().iterator();
    }
  }
}
