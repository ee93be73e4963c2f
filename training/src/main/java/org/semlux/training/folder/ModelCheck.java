package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.program.PromisedWeights;
import org.semlux.encoders.text.LateTokens;
import org.semlux.encoders.text.Tokenizers;

/**
 * Whether a folder is a model that loads, as far as its files tell: architecture, modules,
 * settings, the names and shapes of all weights, a tokenizer. Reads no weights and takes some
 * milliseconds, so that whoever sends a model somewhere can ask first.
 *
 * {@snippet lang=java :
 * try {
 *   ModelCheck.of(Path.of("model"));
 * } catch (ModelException e) {
 *   System.err.println(e.getMessage()); // why it would not load
 * }
 * }
 */
public final class ModelCheck {
  private ModelCheck() {}

  /**
   * Looks through a folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model would not load, saying what is wrong
   */
  public static void of(Path path) throws IOException {
    for (ModelFolder route : routes(path)) {
      if (hasNetwork(route)) {
        Network network = Networks.of(route);
        checkWeights(route, network, Head.of(route, network));
        checkTexts(route, network);
      } else {
        Tokenizers.file(route.name(), route.modules().get(0));
      }
    }
    ModelFolder folder = ModelFolder.open(path);
    if (folder.kind() == EncoderKind.DENSE) {
      DenseHead.requireOneLength(folder);
    }
  }

  /** The same of a folder that has no weights yet: whatever can be told without them. */
  public static void ofSettings(Path path) throws IOException {
    for (ModelFolder route : routes(path)) {
      ModelFolder.Module first = route.modules().get(0);
      if (!hasNetwork(route)) {
        Tokenizers.file(route.name(), first);
      } else if (first.type().endsWith("Transformer")) { // of others, weights tell the sizes
        Network network = Networks.of(route);
        if (route.kind() == EncoderKind.SPARSE) {
          SpladeHead.check(route, network);
        } else if (route.kind() != EncoderKind.MULTI_VECTOR
            || !LateInteraction.isStanfords(route)) {
          Head.of(route, network);
        }
        checkTexts(route, network);
      }
    }
  }

  private static Collection<ModelFolder> routes(Path path) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    return folder.kind() == EncoderKind.SPARSE || folder.kind() == EncoderKind.DENSE
        ? Router.of(folder).routes().values()
        : List.of(folder);
  }

  /** Whether a route does more than look tokens up. */
  private static boolean hasNetwork(ModelFolder route) {
    return !route.modules().get(0).type().equals("SparseStaticEmbedding");
  }

  private static void checkWeights(ModelFolder folder, Network network, Head head)
      throws IOException {
    PromisedWeights promised = new PromisedWeights(folder.name());
    promised.add(
        network.parameters(), head.bodyOf(folder.weights(network.modules())), network.prefix());
    head.addTo(promised);
  }

  private static void checkTexts(ModelFolder folder, Network network) throws IOException {
    Tokenizers.check(folder, network);
    if (folder.kind() == EncoderKind.MULTI_VECTOR) {
      LateTokens.of(folder, network);
    }
  }
}
