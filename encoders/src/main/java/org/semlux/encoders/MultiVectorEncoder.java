package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TextSpan;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.batch.BatchRequest;
import org.semlux.encoders.batch.InTurn;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.RowModel;
import org.semlux.encoders.network.MultiVectorHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.LateTokens;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Reading;
import org.semlux.encoders.text.TextWindows;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * A late-interaction encoder (ColBERT): a vector for each token of a text, so that a query's tokens
 * find theirs in a document. As fast as a bi-encoder where documents' vectors are kept, and nearer
 * to a cross-encoder in what it tells apart. Loaded from a model folder, thread-safe.
 *
 * {@snippet lang=java :
 * try (MultiVectorEncoder encoder =
 *     MultiVectorEncoder.load(Path.of("colbertv2.0"), EncoderOptions.defaults())) {
 *   TokenVectors query = encoder.encode(List.of("Who plays?"), InputType.QUERY).get(0);
 *   TokenVectors document = encoder.encode(List.of("A man plays."), InputType.DOCUMENT).get(0);
 *   float[][] vectors = document.vectors(); // [tokens that count][128]
 *   float score = encoder.similarity().score(query, document); // a sum over the query's tokens
 * }
 * }
 */
public final class MultiVectorEncoder extends RowEncoder
    implements TextEncoder<TokenVectors>, PairScorer {
  private final Prompts prompts;
  private final LateTokens tokens;
  private final MaxSim similarity;

  private MultiVectorEncoder(
      RowModel model, int dimensions, Prompts prompts, LateTokens tokens, MaxSim similarity) {
    super(
        model,
        model
            .info(EncoderKind.MULTI_VECTOR, dimensions, List.of())
            .withMaxTokens(
                model.tokenizer().of(Optional.of(InputType.DOCUMENT)).maxTokens(),
                model.tokenizer().of(Optional.of(InputType.QUERY)).maxTokens()));
    this.prompts = prompts;
    this.tokens = tokens;
    this.similarity = similarity;
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static MultiVectorEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Network network = Networks.of(folder);
    MultiVectorHead head = MultiVectorHead.of(folder, network);
    LateTokens late = LateTokens.of(folder, network);
    Prompts prompts = Prompts.of(folder);
    MaxSim similarity = LateInteraction.of(folder).similarity();
    int dimensions = head.dimensions();
    RowModel model =
        RowModel.load(
            folder,
            network,
            head,
            tokens -> dimensions * Math.max(1, tokens.length()), // nothing is one token of none
            tokenizer -> tokenizer::tokenize,
            options);
    return new MultiVectorEncoder(model, dimensions, prompts, late, similarity);
  }

  @Override
  public CompletableFuture<List<TokenVectors>> submit(EncodeRequest request) {
    try {
      String prompt = prompts.resolve(request);
      Optional<InputType> type = request.inputType();
      Tokenizer tokenizer = model.tokenizer().of(type);
      return model
          .queue()
          .submit(
              request,
              text -> tokenizer.reading(prompt + text).map(read -> tokens.filled(type, read)),
              row -> vectors(type, row));
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** The vectors of the tokens that count. */
  private TokenVectors vectors(Optional<InputType> type, RowModel.Row row) {
    float[] numbers = model.finite(row);
    boolean[] counted = tokens.counted(type, row.tokens());
    List<float[]> vectors = new ArrayList<>(counted.length);
    int dimensions = info.dimensions();
    for (int t = 0; t < counted.length; t++) {
      if (counted[t]) {
        vectors.add(Arrays.copyOfRange(numbers, t * dimensions, (t + 1) * dimensions));
      }
    }
    return new TokenVectors(vectors.toArray(float[][]::new));
  }

  /** How the model compares a query's vectors to a document's. */
  public MaxSim similarity() {
    return similarity;
  }

  /**
   * Encodes the first texts as queries and the second ones as documents, each once, and compares
   * them. Score and raw score are the same.
   */
  @Override
  public CompletableFuture<List<PairScore>> submit(ScoreRequest request) {
    return submit(request, Collections.nCopies(request.pairs().size(), List.of()));
  }

  /**
   * The same where vectors of some documents are known. A document's best passage counts.
   *
   * @param known of each pair's document, its passages' vectors; where there are none, the text is
   *     encoded
   */
  public CompletableFuture<List<PairScore>> submit(
      ScoreRequest request, List<List<TokenVectors>> known) {
    List<String> queries = request.pairs().stream().map(TextPair::first).distinct().toList();
    EncodeRequest asked =
        EncodeRequest.of(queries).withInputType(InputType.QUERY).withPriority(request.priority());
    return InTurn.of(
        submit(request.deadline().map(asked::withDeadline).orElse(asked)),
        vectors -> {
          Map<String, MaxSim.Query> prepared = new HashMap<>();
          for (int i = 0; i < queries.size(); i++) {
            prepared.put(queries.get(i), similarity.query(vectors.get(i)));
          }
          return scores(
              request,
              known,
              request.pairs().stream().map(pair -> prepared.get(pair.first())).toList());
        });
  }

  /**
   * Reads each document once for all pairs that it is in. What a window of it gives is compared at
   * once and let go: the vectors of all would take sixty times the bytes of their texts.
   *
   * @param queries of each pair
   */
  private CompletableFuture<List<PairScore>> scores(
      ScoreRequest request, List<List<TokenVectors>> known, List<MaxSim.Query> queries) {
    Map<String, List<Integer>> pairs = new LinkedHashMap<>();
    PairScore[] scores = new PairScore[queries.size()];
    for (int i = 0; i < scores.length; i++) {
      if (known.get(i).isEmpty()) {
        pairs.computeIfAbsent(request.pairs().get(i).second(), text -> new ArrayList<>()).add(i);
      } else {
        scores[i] = best(queries.get(i), known.get(i));
      }
    }
    List<String> documents = List.copyOf(pairs.keySet());
    List<List<Integer>> of = List.copyOf(pairs.values());
    Optional<InputType> type = Optional.of(InputType.DOCUMENT);
    BatchRequest<RowModel.Row, List<PairScore>> reading =
        new BatchRequest<>(
            readings(documents, request.longTexts()),
            documents.stream().mapToLong(EncoderQueue::bytes).sum(),
            request.priority(),
            request.deadline(),
            (document, row) -> {
              TokenVectors window = vectors(type, row);
              return of.get(document).stream()
                  .map(pair -> score(queries.get(pair), window, row.tokens().span()))
                  .toList();
            },
            MultiVectorEncoder::best);
    // Not by thenApply: whoever gives the answer up cancels what it is made of.
    return InTurn.of(
        model.queue().submit(reading),
        found -> {
          for (int document = 0; document < of.size(); document++) {
            for (int k = 0; k < of.get(document).size(); k++) {
              scores[of.get(document).get(k)] = found.get(document).get(k);
            }
          }
          return CompletableFuture.completedFuture(List.of(scores));
        });
  }

  private List<Supplier<Optional<List<Tokens>>>> readings(
      List<String> documents, LongTexts longTexts) {
    String prompt = prompts.ofSide(InputType.DOCUMENT);
    Tokenizer tokenizer = model.tokenizer().of(Optional.of(InputType.DOCUMENT));
    List<Supplier<Optional<List<Tokens>>>> inputs = new ArrayList<>(documents.size());
    for (String text : documents) {
      inputs.add(
          Reading.later(
              () ->
                  longTexts == LongTexts.WINDOWS
                      ? TextWindows.reading(tokenizer, prompt, text)
                      : tokenizer.reading(prompt + text).map(List::of)));
    }
    return inputs;
  }

  private static PairScore score(MaxSim.Query query, TokenVectors passage, TextSpan span) {
    float[] score = {query.score(passage)};
    return new PairScore(score, score, span);
  }

  private static PairScore best(MaxSim.Query query, List<TokenVectors> passages) {
    return passages.stream()
        .map(passage -> score(query, passage, TextSpan.WHOLE))
        .reduce(PairScore::max)
        .orElseThrow();
  }

  /** The better one of each pair. */
  private static List<PairScore> best(List<PairScore> before, List<PairScore> now) {
    return IntStream.range(0, now.size()).mapToObj(i -> before.get(i).max(now.get(i))).toList();
  }

  @Override
  public List<PairScore> scoreAll(ScoreRequest request) {
    return model
        .queue()
        .inSlices(request.pairs(), EncoderQueue::bytes, slice -> submit(request.withPairs(slice)));
  }

  @Override
  public TokenStarts tokenStarts(String text, InputType type, int enough) {
    Tokenizer tokenizer = model.tokenizer().of(Optional.of(type));
    return model.queue().tokenStarts(tokenizer, prompts.ofSide(type), text, enough);
  }

  @Override
  public List<TokenVectors> encodeAll(EncodeRequest request) {
    return model
        .queue()
        .inSlices(request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
  }
}
