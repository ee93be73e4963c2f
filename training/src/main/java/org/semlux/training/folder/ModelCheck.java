package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
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
    ModelFolder folder = ModelFolder.open(path);
    if (folder.kind() == EncoderKind.SPARSE) {
      for (ModelFolder route : Router.of(folder).routes().values()) {
        checkRoute(route);
      }
    } else {
      check(folder);
    }
  }

  private static void checkRoute(ModelFolder route) throws IOException {
    ModelFolder.Module first = route.modules().get(0);
    if (first.type().equals("SparseStaticEmbedding")) { // has no network
      Tokenizers.file(route.name(), first);
    } else {
      check(route);
    }
  }

  private static void check(ModelFolder folder) throws IOException {
    Network network = Networks.of(folder);
    Head head = Head.of(folder, network);
    PromisedWeights promised = new PromisedWeights(folder.name());
    promised.add(
        network.parameters(), head.bodyOf(folder.weights(network.modules())), network.prefix());
    head.addTo(promised);
    ModelFolder.Module first = folder.modules().get(0);
    if (!first.type().equals("WordEmbeddings")) {
      Tokenizers.file(folder.name(), first);
    }
    if (folder.kind() == EncoderKind.MULTI_VECTOR) {
      LateTokens.of(folder, network);
    }
  }
}
