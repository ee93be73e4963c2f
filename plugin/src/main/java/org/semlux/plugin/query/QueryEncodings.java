package org.semlux.plugin.query;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.cache.Cache;
import org.elasticsearch.common.cache.CacheBuilder;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.Scheduler;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.search.RunningSearch;

/**
 * Encodes the texts of queries on this node, each once: what was asked lately is remembered, and
 * who asks for what is just being encoded waits for that. All texts are of the query's side, with
 * the prompt that the model has for it, so a model and a text say all.
 *
 * <p>A model that is deployed again is another encoder and finds nothing of its predecessor's. At
 * most {@value #MAX_ENTRIES} encodings and {@value #MAX_BYTES} bytes are kept, those longest unused
 * going first. Thread-safe; never waits.
 */
public final class QueryEncodings {
  /** More than any model reads, and enough for whole pages: a longer query is a mistake. */
  static final int MAX_CHARACTERS = 100_000;

  static final int MAX_ENTRIES = 10_000;
  static final long MAX_BYTES = 16 << 20;
  private static final TimeValue UNUSED = TimeValue.timeValueMinutes(10);
  private static final int ENTRY_BYTES = 200; // of objects and references, roughly

  /**
   * @param model its identity's number, so that an entry does not keep a closed encoder
   */
  private record Key(long model, String text) {}

  /** An encoding on its way and how many wait for it; the last to give up cancels it. */
  private static final class Flight {
    final CompletableFuture<?> encoding;
    final CompletableFuture<? extends Encoding> answer; // comes when the cache has it
    int waiting;

    Flight(CompletableFuture<?> encoding, CompletableFuture<? extends Encoding> answer) {
      this.encoding = encoding;
      this.answer = answer;
    }
  }

  private final EncoderSource encoders;
  private final Cache<Key, Encoding> cache;
  private final Map<Key, Flight> flights = new HashMap<>(); // guarded by itself
  private final Map<Object, Long> numbers = new WeakHashMap<>(); // guarded by itself
  private long numbered; // guarded by numbers

  /**
   * @param encoders this node's and others'
   */
  public QueryEncodings(EncoderSource encoders) {
    this(encoders, MAX_BYTES, MAX_ENTRIES);
  }

  QueryEncodings(EncoderSource encoders, long maxBytes, int maxEntries) {
    this.encoders = encoders;
    // Nothing weighs less than its share, which bounds the entries too.
    long share = maxBytes / maxEntries;
    this.cache =
        CacheBuilder.<Key, Encoding>builder()
            .setMaximumWeight(maxBytes)
            .setExpireAfterAccess(UNUSED)
            .weigher((key, value) -> Math.max(share, bytes(key, value)))
            .build();
  }

  private static long bytes(Key key, Encoding value) {
    long numbers =
        switch (value) {
          case DenseVector vector -> 4L * vector.dimensions();
          case TokenVectors vectors ->
              Arrays.stream(vectors.vectors()).mapToLong(one -> 16 + 4L * one.length).sum();
          case TermWeights terms -> 16L * terms.size(); // an id, a weight, the vocabulary's token
        };
    return ENTRY_BYTES + 2L * key.text.length() + numbers;
  }

  /**
   * Checks what is to be encoded.
   *
   * @param name of the field in the request
   * @throws IllegalArgumentException when there is nothing in it, or far too much
   */
  public static void checkText(String name, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("[" + name + "] is blank: there is nothing to search for");
    }
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "["
              + name
              + "] has "
              + text.length()
              + " characters: a query's text may have at most "
              + MAX_CHARACTERS);
    }
  }

  /**
   * A text's vector. Given up when the search that the current thread context belongs to is
   * cancelled or times out.
   *
   * @param listener gets the vector, which is its own; see {@link EncoderCalls#call} for failures
   */
  public void dense(
      ThreadPool threadPool, String modelId, String text, ActionListener<float[]> listener) {
    ask(
        threadPool,
        modelId,
        EncoderKind.DENSE,
        model -> once(model, text, DenseVector.class),
        listener.map(vector -> vector.values().clone()));
  }

  /** A text's term weights; the rest as for {@link #dense}. The answer is shared: only read it. */
  public void sparse(
      ThreadPool threadPool, String modelId, String text, ActionListener<TermWeights> listener) {
    ask(
        threadPool,
        modelId,
        EncoderKind.SPARSE,
        model -> once(model, text, TermWeights.class),
        listener);
  }

  private <V> void ask(
      ThreadPool threadPool,
      String modelId,
      EncoderKind kind,
      Function<DeployedModel, CompletableFuture<V>> encode,
      ActionListener<V> listener) {
    var search = RunningSearch.of(threadPool.getThreadContext());
    search.ifPresent(running -> running.encoded().set(true));
    Runnable cancel =
        EncoderCalls.call(
            encoders,
            modelId,
            model -> {
              if (model.kind() != kind) {
                throw DeployedModel.unsuited(modelId, model.kind(), kind + " one");
              }
              return encode.apply(model);
            },
            answer ->
                search
                    .flatMap(RunningSearch::deadline)
                    .ifPresent(deadline -> limit(answer, deadline, threadPool)),
            threadPool.getThreadContext(),
            RunningSearch.goingOn(threadPool.getThreadContext(), listener));
    search.ifPresent(running -> running.task().addListener(cancel::run));
  }

  private static void limit(CompletableFuture<?> answer, Instant deadline, ThreadPool threadPool) {
    if (answer.isDone()) {
      return;
    }
    Scheduler.Cancellable timer =
        threadPool.schedule(
            () -> answer.completeExceptionally(new TimeoutException("the search timed out")),
            RunningSearch.left(deadline),
            threadPool.generic());
    var unused = answer.whenComplete((value, failure) -> timer.cancel());
  }

  private <V extends Encoding> CompletableFuture<V> once(
      DeployedModel model, String text, Class<V> type) {
    Key key = new Key(number(model.identity()), text);
    Flight flight;
    synchronized (flights) { // an answer is in the cache before its flight is gone
      Encoding known = cache.get(key);
      if (known != null) {
        return CompletableFuture.completedFuture(type.cast(known));
      }
      flight = join(key, model);
    }
    CompletableFuture<V> own = flight.answer.thenApply(type::cast);
    var unused = own.whenComplete((value, failure) -> leave(key, flight));
    return own;
  }

  private long number(Object identity) {
    synchronized (numbers) {
      return numbers.computeIfAbsent(identity, unseen -> numbered++);
    }
  }

  private Flight join(Key key, DeployedModel model) {
    Flight flight = flights.get(key);
    if (flight == null) {
      EncodeRequest request =
          EncodeRequest.of(List.of(key.text))
              .withInputType(InputType.QUERY)
              .withPriority(Priority.SEARCH);
      CompletableFuture<? extends List<? extends Encoding>> encoding = model.encode(request);
      flight = new Flight(encoding, encoding.thenApply(values -> remember(key, values.get(0))));
      flights.put(key, flight);
    }
    flight.waiting++;
    return flight;
  }

  private Encoding remember(Key key, Encoding value) {
    cache.put(key, value);
    return value;
  }

  private void leave(Key key, Flight flight) {
    synchronized (flights) {
      if (--flight.waiting > 0) {
        return;
      }
      flights.remove(key, flight);
    }
    flight.encoding.cancel(false); // does nothing where the answer has come
  }

  /** What the cache has done since the node started. */
  public QueryCacheStats stats() {
    Cache.Stats stats = cache.stats();
    return new QueryCacheStats(
        stats.getHits(), stats.getMisses(), stats.getEvictions(), cache.count(), cache.weight());
  }
}
