package org.semlux.training.train;

import java.io.IOException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;

/**
 * A way of texts through a network that is trained: a folder's, or one that its router has. The
 * owner of the tokenizer.
 */
record TextRoute(ModelFolder folder, Network network, Head head, Tokenizer tokenizer)
    implements AutoCloseable {
  /**
   * Reads all but the weights.
   *
   * @throws ModelException when it cannot be trained
   */
  static TextRoute of(ModelFolder folder) throws IOException {
    Network network = Networks.of(folder);
    Head head = Head.of(folder, network);
    if (head instanceof ScoreHead classifier && !classifier.trains()) {
      throw ModelException.of(
          folder.name(), "its head reads a language model's decoder, which is not trained");
    }
    if (head instanceof ScoreHead classifier && classifier.labels().size() != 1) {
      throw ModelException.of(
          folder.name(),
          "its labels are %s: only one label can follow a score".formatted(classifier.labels()));
    }
    return new TextRoute(folder, network, head, Tokenizers.of(folder, network));
  }

  /** Numbers in an answer that a loss compares; of a sparse encoder terms. */
  int width() {
    return head instanceof DenseHead dense ? dense.width() : network.vocabularySize();
  }

  /** Tokens of a column's prompt that are read and not pooled, which only dense heads know. */
  int unpooled(String prompt) {
    boolean pools = !(head instanceof DenseHead dense) || dense.pooling().includePrompt();
    return pools || prompt.isEmpty() ? 0 : tokenizer.prefixLength(prompt);
  }

  /** Whether the word vectors, which are the first of the weights, stay as they are. */
  boolean keepsVectors() throws IOException {
    Module first = folder.modules().get(0);
    return first.type().equals("WordEmbeddings")
        && !first.config("wordembedding_config.json").getBoolean("update_embeddings", false);
  }

  /**
   * The first of its weights that learns as a whole where narrow matrices learn in place of
   * products: the head's, or what stands behind the head of terms. Without products all do.
   *
   * @param weights how many it has
   */
  int firstWhole(int weights) {
    int body = network.parameters().size();
    if (network.parameters().stream().noneMatch(one -> one.role() == Parameter.Role.LINEAR)) {
      return 0;
    }
    return head instanceof SpladeHead ? weights : body;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
