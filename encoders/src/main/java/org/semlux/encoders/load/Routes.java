package org.semlux.encoders.load;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.text.Tokenizer;

/**
 * What a folder's routes lead to, see {@link Router}: routes of the same modules share one. Of a
 * folder without a router there is one, which all texts take. Thread-safe where that is.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("splade"));
 * EncoderOptions options = EncoderOptions.defaults();
 * Routes<SparseRoute> routes =
 *     Routes.load(folder, route -> SparseRoute.load(route, options), SparseRoute::close);
 * routes.of(Optional.of(InputType.QUERY)).dimensions(); // terms that a query may have
 * routes.distinct().forEach(SparseRoute::close);
 * }
 */
public final class Routes<T> {
  /** What is made of a route. */
  public interface Loader<T> {
    T load(ModelFolder route) throws IOException;
  }

  private final Router router;
  private final Map<String, T> byName;

  private Routes(Router router, Map<String, T> byName) {
    this.router = router;
    this.byName = byName;
  }

  /**
   * Loads all routes.
   *
   * @param close of those that were loaded, when another one fails
   */
  public static <T> Routes<T> load(ModelFolder folder, Loader<T> loader, Consumer<T> close)
      throws IOException {
    Router router = Router.of(folder);
    Map<List<ModelFolder.Module>, T> loaded = new HashMap<>();
    Map<String, T> byName = new LinkedHashMap<>();
    Routes<T> routes = null;
    try {
      for (Map.Entry<String, ModelFolder> route : router.routes().entrySet()) {
        List<ModelFolder.Module> modules = route.getValue().modules();
        if (!loaded.containsKey(modules)) {
          loaded.put(modules, loader.load(route.getValue()));
        }
        byName.put(route.getKey(), loaded.get(modules));
      }
      routes = new Routes<>(router, byName);
      return routes;
    } finally {
      if (routes == null) { // whatever was thrown: nodes survive errors too
        loaded.values().forEach(close);
      }
    }
  }

  /**
   * Where a text goes.
   *
   * @throws org.semlux.encoders.api.ModelException when there is no route for it
   */
  public T of(Optional<InputType> type) {
    return byName.get(router.route(type));
  }

  /** How many tokens of a text of this type are read, where there is a route for it. */
  public OptionalInt maxTokens(InputType type, Function<T, Tokenizer> tokenizer) {
    try {
      Optional<InputType> side = Optional.of(type);
      return OptionalInt.of(tokenizer.apply(of(side)).of(side).maxTokens());
    } catch (ModelException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * How many numbers are in the tensors of all routes; what several routes read counts once.
   *
   * @param tensors a route's numbers by {@link org.semlux.encoders.folder.StoredTensor#place}
   */
  public long parameters(Function<T, Map<Object, Long>> tensors) {
    Map<Object, Long> all = new HashMap<>();
    distinct().forEach(route -> all.putAll(tensors.apply(route)));
    return all.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * When whatever all routes held is given back, see {@link EncoderQueue#released}.
   *
   * @param queue a route's
   */
  public CompletableFuture<Void> released(Function<T, EncoderQueue<?>> queue) {
    return CompletableFuture.allOf(
        distinct().stream()
            .map(route -> queue.apply(route).released())
            .toArray(CompletableFuture<?>[]::new));
  }

  /** Each once. */
  public List<T> distinct() {
    return byName.values().stream().distinct().toList();
  }
}
