package org.semlux.plugin.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.PromisedWeights;
import org.semlux.encoders.text.FastTokenizer;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Vocabulary;

/** A good model's folder, of which one file at a time is another; read as far as native code. */
final class FuzzedFolder {
  private static final List<String> TEXTS =
      List.of(
          "",
          "The rain in Spain, 42\u00e9 \u6771\u4eac [MASK] e\u0301\ud83d\ude00",
          " \n".repeat(3_000),
          "x".repeat(3_000));

  private final Path root;
  private final Map<String, byte[]> good;

  FuzzedFolder(Path root, Map<String, byte[]> good) throws IOException {
    this.root = root;
    this.good = good;
    for (Map.Entry<String, byte[]> file : good.entrySet()) {
      Files.createDirectories(root.resolve(file.getKey()).getParent());
      Files.write(root.resolve(file.getKey()), file.getValue());
    }
  }

  Path root() {
    return root;
  }

  /** Reads the folder with other content in one file; its weights in shards where that is asked. */
  void read(String file, byte[] content) throws IOException {
    boolean tokenizer = file.contains("tokenizer");
    boolean shards = file.endsWith(".index.json");
    Path weights = root.resolve("model.safetensors");
    try {
      Files.write(root.resolve(file), content);
      if (shards) {
        Files.move(weights, root.resolve("shard.safetensors"));
      }
      read(tokenizer);
    } finally {
      if (shards) {
        Files.move(root.resolve("shard.safetensors"), weights);
      }
      if (good.containsKey(file)) {
        Files.write(root.resolve(file), good.get(file));
      } else {
        Files.delete(root.resolve(file));
      }
    }
  }

  private void read(boolean withTokenizer) throws IOException {
    ModelFolder folder = ModelFolder.open(root);
    Prompts.of(folder).resolve(EncodeRequest.of(List.of()));
    if (folder.kind() == EncoderKind.SPARSE) {
      for (ModelFolder route : Router.of(folder).routes().values()) {
        check(route);
      }
    } else {
      check(folder);
      if (withTokenizer) {
        tokenize(Tokenizers.of(folder, Networks.of(folder)));
      }
    }
    JsonFile tokenizer = JsonFile.read(root.resolve("tokenizer.json"));
    if (withTokenizer) {
      Vocabulary.of(tokenizer);
      // Its own steps, whatever tokenizer_config.json says.
      tokenize(
          FastTokenizer.load(
              tokenizer, new FastTokenizer.Options(64, false, false, false, Integer.MAX_VALUE)));
    }
  }

  private static void tokenize(Tokenizer tokenizer) {
    try (tokenizer) {
      for (String text : TEXTS) {
        tokenize(tokenizer, text);
      }
    }
  }

  private static void tokenize(Tokenizer tokenizer, String text) {
    try {
      for (int id : tokenizer.tokenize(text).ids()) {
        if (id < 0 || id >= tokenizer.vocabularySize()) {
          throw new AssertionError("a token has the id " + id);
        }
      }
    } catch (IllegalArgumentException e) { // what a request with this text is refused with
      if (!e.getMessage().startsWith("the text has a token with the id")
          && !e.getMessage().startsWith("the model's tokenizer cannot read the text")) {
        throw e;
      }
    }
  }

  private static void check(ModelFolder folder) throws IOException {
    Network network = Networks.of(folder);
    Head head = Head.of(folder, network);
    TensorSource source = head.bodyOf(folder.weights(network.modules()));
    PromisedWeights promised = new PromisedWeights(folder.name());
    promised.add(network.parameters(), source, network.prefix());
    head.addTo(promised);
    readAll(source);
  }

  private static void readAll(TensorSource source) {
    for (String name : source.names()) {
      StoredTensor tensor = source.find(name).orElseThrow();
      if (tensor.data().remaining() != tensor.elements() * tensor.dtype().bytes()) {
        throw new AssertionError(name + " has another size than its shape");
      }
    }
  }
}
