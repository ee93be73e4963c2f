package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  /**
   * What was read of a document.
   *
   * @param span its place in a text that was read in windows
   */
  private record Passage(TokenVectors vectors, TextSpan span) {}

  private final Prompts prompts;
  private final LateTokens tokens;
  private final MaxSim similarity;

  private MultiVectorEncoder(
      RowModel model, int dimensions, Prompts prompts, LateTokens tokens, MaxSim similarity) {
    super(
        model,
        model
            .info(EncoderKind.MULTI_VECTOR, dimensions, List.of())
            .withMaxTokens(model.tokenizer().of(Optional.of(InputType.DOCUMENT)).maxTokens()));
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
    List<String> documents =
        IntStream.range(0, known.size())
            .filter(i -> known.get(i).isEmpty())
            .mapToObj(i -> request.pairs().get(i).second())
            .distinct()
            .toList();
    EncodeRequest asked =
        EncodeRequest.of(queries).withInputType(InputType.QUERY).withPriority(request.priority());
    CompletableFuture<List<TokenVectors>> first =
        submit(request.deadline().map(asked::withDeadline).orElse(asked));
    CompletableFuture<List<List<Passage>>> second = passages(documents, request);
    var all =
        first.thenCombine(
            second,
            (vectors, read) ->
                scores(request, known, byText(queries, vectors), byText(documents, read)));
    cancelTogether(List.of(all, first, second));
    return all;
  }

  /** One without the others is of no use. */
  private static void cancelTogether(List<CompletableFuture<?>> futures) {
    for (CompletableFuture<?> future : futures) {
      var unused =
          future.whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  futures.stream().filter(f -> !f.isDone()).forEach(f -> f.cancel(false));
                }
              });
    }
  }

  private CompletableFuture<List<List<Passage>>> passages(
      List<String> documents, ScoreRequest request) {
    Optional<InputType> type = Optional.of(InputType.DOCUMENT);
    String prompt = prompts.ofSide(InputType.DOCUMENT);
    Tokenizer tokenizer = model.tokenizer().of(type);
    boolean windows = request.longTexts() == LongTexts.WINDOWS;
    List<Supplier<Optional<List<Tokens>>>> inputs = new ArrayList<>(documents.size());
    for (String text : documents) {
      inputs.add(
          Reading.later(
              () ->
                  windows
                      ? TextWindows.reading(tokenizer, prompt, text)
                      : tokenizer.reading(prompt + text).map(List::of)));
    }
    return model
        .queue()
        .submit(
            new BatchRequest<>(
                inputs,
                documents.stream().mapToLong(EncoderQueue::bytes).sum(),
                request.priority(),
                request.deadline(),
                row -> List.of(new Passage(vectors(type, row), row.tokens().span())),
                (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
  }

  private static <T> Map<String, T> byText(List<String> texts, List<T> read) {
    Map<String, T> byText = new HashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      byText.put(texts.get(i), read.get(i));
    }
    return byText;
  }

  private List<PairScore> scores(
      ScoreRequest request,
      List<List<TokenVectors>> known,
      Map<String, TokenVectors> queries,
      Map<String, List<Passage>> documents) {
    Map<String, MaxSim.Query> asked = new HashMap<>();
    queries.forEach((text, vectors) -> asked.put(text, similarity.query(vectors)));
    List<PairScore> scores = new ArrayList<>(known.size());
    for (int i = 0; i < known.size(); i++) {
      TextPair pair = request.pairs().get(i);
      List<Passage> passages =
          known.get(i).isEmpty()
              ? documents.get(pair.second())
              : known.get(i).stream().map(vectors -> new Passage(vectors, TextSpan.WHOLE)).toList();
      scores.add(score(asked.get(pair.first()), passages));
    }
    return scores;
  }

  /** The best passage's. */
  private static PairScore score(MaxSim.Query query, List<Passage> passages) {
    return passages.stream()
        .map(
            passage -> {
              float[] score = {query.score(passage.vectors)};
              return new PairScore(score, score, passage.span);
            })
        .reduce(PairScore::max)
        .orElseThrow();
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
