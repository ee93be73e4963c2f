package org.semlux.plugin.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.logging.LogConfigurator;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.plugin.rest.RestBodies;

/**
 * What strangers send, of any content: read, or refused in a sentence of ours. The first byte of an
 * input says what it is, the rest is that. Jazzer calls {@link #fuzzerTestOneInput}; see
 * tests/README.md.
 */
public final class Fuzz {
  /** What an input may be. */
  enum Kind {
    SAFETENSORS("model.safetensors"),
    INDEX("model.safetensors.index.json"),
    CONFIG("config.json"),
    MODULES("modules.json"),
    SETTINGS("config_sentence_transformers.json"),
    POOLING("1_Pooling/config.json"),
    TOKENIZER("tokenizer.json"),
    TOKENIZER_SETTINGS("tokenizer_config.json"),
    LENGTHS("sentence_bert_config.json"),
    MANIFEST(""),
    ENCODE(""),
    RERANK(""),
    REENCODE(""),
    ALIAS("");

    final String file;

    Kind(String file) {
      this.file = file;
    }
  }

  private static final List<Kind> KINDS = List.of(Kind.values());

  private static final String GOLDEN = "/models/dense-bert-mean-normalize/";

  private static final int LONGEST_MESSAGE = 1_500;

  private static final int MOST_FINDS = 20;

  private final FuzzedFolder folder;

  Fuzz(Path root) throws IOException {
    folder = new FuzzedFolder(root, golden());
  }

  static Map<String, byte[]> golden() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String file :
        List.of(
            "config.json",
            "config_sentence_transformers.json",
            "modules.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
            "tokenizer.json",
            "model.safetensors")) {
      try (InputStream in = Fuzz.class.getResourceAsStream(GOLDEN + file)) {
        files.put(file, in.readAllBytes());
      }
    }
    return files;
  }

  /**
   * Reads an input.
   *
   * @throws AssertionError when it is refused in any other way than it should
   */
  void run(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Kind kind = KINDS.get(Byte.toUnsignedInt(input[0]) % KINDS.size());
    byte[] content = Arrays.copyOfRange(input, 1, input.length);
    try {
      switch (kind) {
        case MANIFEST -> RestBodies.manifest(content);
        case ENCODE -> RestBodies.encode(content);
        case RERANK -> RestBodies.rerank(content);
        case REENCODE -> RestBodies.reencode(content);
        case ALIAS -> RestBodies.alias(content);
        default -> folder.read(kind.file, content);
      }
    } catch (IOException | RuntimeException e) {
      judge(kind, content, e);
    }
  }

  private void judge(Kind kind, byte[] content, Exception e) {
    boolean ours =
        kind.file.isEmpty()
            ? ExceptionsHelper.status(e).getStatus() / 100 == 4
            : e instanceof ModelException
                || e instanceof ModelFileException
                || e.getClass() == IOException.class;
    String message = e.getMessage();
    String path = folder.root().toString();
    if (!ours
        || message == null
        || message.length() > LONGEST_MESSAGE
        || (message.contains(path) && !text(content).contains(path))) { // Jazzer learns paths
      throw new AssertionError(kind + " is refused by " + e, e);
    }
  }

  /** Inputs to begin with, one of each kind and some of other architectures. */
  static List<byte[]> seeds() throws IOException {
    Map<String, byte[]> golden = golden();
    List<byte[]> seeds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (golden.containsKey(kind.file)) {
        seeds.add(input(kind, golden.get(kind.file)));
      }
    }
    for (String line : text("/fuzz/seeds.txt").lines().toList()) {
      int end = line.indexOf(' ');
      Kind kind = Kind.valueOf(line.substring(0, end));
      seeds.add(input(kind, line.substring(end + 1).getBytes(StandardCharsets.UTF_8)));
    }
    return seeds;
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1);
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = Fuzz.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] input(Kind kind, byte[] content) {
    byte[] input = new byte[content.length + 1];
    input[0] = (byte) KINDS.indexOf(kind);
    System.arraycopy(content, 0, input, 1, content.length);
    return input;
  }

  private static final class Shared {
    static final Fuzz FUZZ = make();

    private static Fuzz make() {
      LogConfigurator.configureESLogging();
      try {
        return new Fuzz(Files.createTempDirectory("semlux-fuzz"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] input) {
    Shared.FUZZ.run(input);
  }

  /**
   * {@code seeds FOLDER} writes what Jazzer begins with; {@code mutations COUNT SEED} runs some.
   */
  public static void main(String[] args) throws IOException {
    List<byte[]> seeds = seeds();
    if (args[0].equals("seeds")) {
      Path corpus = Files.createDirectories(Path.of(args[1]));
      for (int i = 0; i < seeds.size(); i++) {
        Files.write(corpus.resolve("seed-" + i), seeds.get(i));
      }
      return;
    }
    Mutations mutations = new Mutations(Long.parseLong(args[2]));
    int finds = 0;
    long left = Long.parseLong(args[1]);
    for (; left > 0 && finds < MOST_FINDS; left--) {
      byte[] input = mutations.next(seeds);
      try {
        fuzzerTestOneInput(input);
      } catch (AssertionError e) {
        finds++;
        e.printStackTrace();
        System.err.println("the input was " + text(input));
      }
    }
    System.out.println(left + " of " + args[1] + " inputs left, " + finds + " finds");
    System.exit(finds == 0 ? 0 : 1);
  }
}
