package org.semlux.training.base;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Vocabulary;
import org.semlux.training.folder.DenseLayout;

/**
 * Makes a sparse encoder's folder one whose queries need no network: a router sends documents
 * through what it was, and queries to a table of term weights, which are learnt.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("splade"); // is changed: give a copy
 * InferenceFreeFolder.check(ModelFolder.open(folder));
 * InferenceFreeFolder.change(folder); // queries are looked up in a table from now on
 * }
 */
public final class InferenceFreeFolder {
  private static final String MODULES = "modules.json";
  private static final String QUERIES = "query_0_SparseStaticEmbedding";
  private static final String TABLE =
      "sentence_transformers.sparse_encoder.modules.sparse_static_embedding.SparseStaticEmbedding";

  /** What is of the folder as a whole. */
  private static final Set<String> WHOLE = Set.of(MODULES, "config_sentence_transformers.json");

  private InferenceFreeFolder() {}

  /** Whether a folder sends queries to a table of term weights. */
  public static boolean is(ModelFolder folder) throws IOException {
    return queries(folder).type().equals("SparseStaticEmbedding");
  }

  /** Whether it does, and training leaves the table as it is. */
  static boolean isFrozen(ModelFolder folder) throws IOException {
    return is(folder) && queries(folder).config("config.json").getBoolean("frozen", false);
  }

  /** What queries meet first. */
  private static Module queries(ModelFolder folder) throws IOException {
    Router router = Router.of(folder);
    return router.routes().get(router.route(Optional.of(InputType.QUERY))).modules().get(0);
  }

  /**
   * Refuses a sparse encoder that cannot be changed so.
   *
   * @throws ModelException when its router has another way for queries, or its network gives more
   *     or fewer terms than its tokenizer knows, of which a table would be
   */
  public static void check(ModelFolder folder) throws IOException {
    if (is(folder)) {
      return;
    }
    if (hasRouter(folder)) {
      throw ModelException.of(
          folder.name(),
          "its router has no table that queries are looked up in: leave --inference-free out");
    }
    int terms = Networks.of(folder).vocabularySize();
    int known = vocabulary(folder, folder.modules().get(0));
    if (terms != known) {
      throw ModelException.of(
          folder.name(),
          "its network gives %s terms and its tokenizer knows %s, so that no table of query weights"
                  .formatted(terms, known)
              + " fits both: leave --inference-free out");
    }
  }

  private static boolean hasRouter(ModelFolder folder) throws IOException {
    return !Router.children(folder).isEmpty();
  }

  private static int vocabulary(ModelFolder folder, Module first) throws IOException {
    return Vocabulary.of(Tokenizers.file(folder.name(), first)).size();
  }

  /**
   * Changes the folder of a sparse encoder that consists of modules; a router's is left alone. All
   * terms weigh 1.
   */
  public static void change(Path path) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    if (!hasRouter(folder)) {
      float[] ones = new float[vocabulary(folder, folder.modules().get(0))];
      Arrays.fill(ones, 1);
      change(path, ones);
    }
  }

  /**
   * Changes the folder of a sparse encoder that consists of modules.
   *
   * @param weights of all terms
   */
  public static void change(Path path, float[] weights) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Module first = folder.modules().get(0);
    JsonObject types = new JsonObject();
    types.addProperty(QUERIES, TABLE);
    writeTable(first, weights, Files.createDirectory(path.resolve(QUERIES)));
    List<JsonFile> stored = JsonFile.readObjects(path.resolve(MODULES));
    JsonArray documents = new JsonArray();
    List<Path> left = new ArrayList<>();
    for (int i = 0; i < folder.modules().size(); i++) {
      Module module = folder.modules().get(i);
      String name = "document_" + i + "_" + module.type();
      move(module.folder(), Files.createDirectory(path.resolve(name)));
      if (!Files.isSameFile(module.folder(), path)) {
        left.add(module.folder());
      }
      types.addProperty(name, stored.get(i).requireString("type"));
      documents.add(name);
    }
    for (Path empty : left) {
      Files.delete(empty);
    }
    JsonFile.write(path.resolve("router_config.json"), router(types, documents), 4);
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", "base.modules.router.Router"));
    JsonFile.write(path.resolve(MODULES), modules, 2);
  }

  private static void writeTable(Module first, float[] weights, Path target) throws IOException {
    TransformerFiles.copyTokenizer(first.folder(), target);
    Float32Tensors weight = new Float32Tensors();
    weight.add("weight", weights, weights.length);
    StartingFolder.write(target, weight);
    JsonObject config = new JsonObject();
    config.addProperty("frozen", false);
    JsonFile.write(target.resolve("config.json"), config, 4);
  }

  private static void move(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!WHOLE.contains(name)) {
          Files.move(file, to.resolve(name));
        }
      }
    }
  }

  private static JsonObject router(JsonObject types, JsonArray documents) {
    JsonArray queries = new JsonArray();
    queries.add(QUERIES);
    JsonObject structure = new JsonObject();
    structure.add("query", queries);
    structure.add("document", documents);
    JsonObject parameters = new JsonObject();
    parameters.addProperty("default_route", "document");
    parameters.addProperty("allow_empty_key", true);
    parameters.add("route_mappings", new JsonObject());
    JsonObject router = new JsonObject();
    router.add("types", types);
    router.add("structure", structure);
    router.add("parameters", parameters);
    return router;
  }
}
