package org.semlux.plugin;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.Precision;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.PutPartAction;
import org.semlux.plugin.model.ModelFile;
import org.semlux.plugin.model.ModelManifest;
import org.semlux.plugin.model.ModelOptions;

/**
 * A BERT of 32 dimensions with random weights, and what the reference library answers for it; see
 * the goldens of the module tests.
 */
public final class TinyModel {
  private static final String FOLDER = "/models/dense-bert-mean-normalize/";
  private static final String WEIGHTS = "model.safetensors";

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final int partSize;
  private final Precision precision;

  public TinyModel(int partSize) throws IOException {
    this.partSize = partSize;
    this.precision = Precision.FLOAT32;
    for (String path :
        List.of(
            "config.json",
            "config_sentence_transformers.json",
            "modules.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            WEIGHTS)) {
      files.put(path, read(path));
    }
  }

  /** Another model's folder, but for what tests expect of it. */
  public TinyModel(int partSize, Path folder) throws IOException {
    this(partSize, folder, Precision.FLOAT32);
  }

  TinyModel(int partSize, Path folder, Precision precision) throws IOException {
    this.partSize = partSize;
    this.precision = precision;
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        if (!file.endsWith("expected.json")) {
          files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
  }

  private static byte[] read(String path) throws IOException {
    try (InputStream in = TinyModel.class.getResourceAsStream(FOLDER + path)) {
      return in.readAllBytes();
    }
  }

  /** The same with no number as its first weight, behind the header and its length. */
  TinyModel withNaN() {
    ByteBuffer weights = ByteBuffer.wrap(files.get(WEIGHTS)).order(ByteOrder.LITTLE_ENDIAN);
    weights.putFloat(Long.BYTES + (int) weights.getLong(0), Float.NaN);
    return this;
  }

  TinyModel without(String path) {
    files.remove(path);
    return this;
  }

  ModelManifest manifest() {
    List<ModelFile> described = new ArrayList<>();
    files.forEach((path, data) -> described.add(new ModelFile(path, data.length, sha256(data))));
    return new ModelManifest(described, partSize, new ModelOptions(precision, 0));
  }

  byte[] part(int number) {
    ByteArrayOutputStream run = new ByteArrayOutputStream();
    files.values().forEach(run::writeBytes);
    byte[] all = run.toByteArray();
    int from = number * partSize;
    return Arrays.copyOfRange(all, from, Math.min(all.length, from + partSize));
  }

  void putManifest(Client client, String id) {
    TimeValue time = TimeValue.timeValueSeconds(30);
    client
        .execute(PutModelAction.TYPE, new PutModelAction.Request(time, time, id, manifest()))
        .actionGet();
  }

  void putPart(Client client, String id, int number) {
    byte[] data = part(number);
    client
        .execute(
            PutPartAction.TYPE,
            new PutPartAction.Request(id, number, Optional.of(sha256(data)), new BytesArray(data)))
        .actionGet();
  }

  public void upload(Client client, String id) {
    putManifest(client, id);
    for (int part = 0; part < manifest().parts(); part++) {
      putPart(client, id, part);
    }
  }

  static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Texts of the golden and the vectors that the reference library makes of them. */
  record Expected(List<String> texts, List<float[]> embeddings) {
    static Expected read() throws IOException {
      JsonObject json =
          JsonParser.parseString(
                  new String(TinyModel.read("expected.json"), StandardCharsets.UTF_8))
              .getAsJsonObject();
      List<String> texts = new ArrayList<>();
      json.getAsJsonArray("texts").forEach(text -> texts.add(text.getAsString()));
      List<float[]> embeddings = new ArrayList<>();
      json.getAsJsonArray("embeddings")
          .forEach(row -> embeddings.add(floats(row.getAsJsonArray())));
      return new Expected(texts, embeddings);
    }

    private static float[] floats(JsonArray row) {
      float[] values = new float[row.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = row.get(i).getAsFloat();
      }
      return values;
    }
  }
}
