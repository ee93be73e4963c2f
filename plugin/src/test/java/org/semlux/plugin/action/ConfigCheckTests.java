package org.semlux.plugin.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.folder.Sha256;
import org.semlux.plugin.model.ModelFile;
import org.semlux.plugin.model.ModelManifest;
import org.semlux.plugin.model.ModelOptions;

public class ConfigCheckTests extends ESTestCase {
  private static final String MAMBA = "{\"model_type\":\"mamba\"}";

  public void testAnUnknownArchitectureIsNamed() {
    IllegalArgumentException e =
        expectThrows(
            IllegalArgumentException.class, () -> check(1 << 10, "a", "...", "config.json", MAMBA));
    assertTrue(
        e.getMessage(),
        e.getMessage()
            .startsWith("model [m]: unknown architecture [mamba], supported are [albert,"));
  }

  public void testWhatIsNoJsonIsRefused() {
    IllegalArgumentException e =
        expectThrows(IllegalArgumentException.class, () -> check(1 << 10, "config.json", "[1]"));
    assertEquals("m/config.json holds a list instead of an object", e.getMessage());
  }

  public void testKnownOnesPass() {
    check(1 << 10, "config.json", bert(""));
  }

  private static String bert(String more) {
    return "{\"model_type\":\"bert\",\"vocab_size\":9,\"hidden_size\":8,\"num_hidden_layers\":1,"
        + "\"num_attention_heads\":2,\"intermediate_size\":8,\"max_position_embeddings\":16"
        + more
        + "}";
  }

  /** Whatever the network alone would refuse at its load. */
  public void testWhatAConfigAsksForIsLookedAt() {
    assertRefused("unknown activation [quick]", "config.json", bert(",\"hidden_act\":\"quick\""));
    assertRefused(
        "[quantization_config] with [gptq]",
        "config.json",
        bert(",\"quantization_config\":{\"quant_method\":\"gptq\"}"));
    assertRefused("lacks \"hidden_size\"", "config.json", "{\"model_type\":\"bert\"}");
  }

  /** An older layout, and a router's child. */
  public void testTransformersInFoldersAreLookedAt() {
    for (String folder :
        List.of("0_Transformer/", "0_Router/query_0_Transformer/", "document_0_MLMTransformer/")) {
      assertRefused("unknown architecture [mamba]", folder + "config.json", MAMBA);
    }
    assertRefused(
        "unknown architecture [mamba]",
        "0_Own/config.json",
        MAMBA,
        "0_Own/sentence_bert_config.json",
        "{}");
  }

  public void testModulesOfOwnCodeAreNamed() {
    String pooling = "{\"type\":\"sentence_transformers.models.Pooling\",\"path\":\"1_Pooling\"}";
    check(1 << 10, "modules.json", "[" + pooling + "]");
    assertRefused(
        "model [m]: its module [custom_st.Transformer] is code of its own",
        "modules.json",
        "[{\"type\":\"custom_st.Transformer\",\"path\":\"\"}," + pooling + "]");
    assertRefused(
        "model [m]: its module [custom_st.Transformer] is code of its own",
        "0_Router/router_config.json",
        "{\"types\":{\"query_0_Transformer\":\"custom_st.Transformer\"}}");
    assertRefused("m/modules.json does not hold a list of objects", "modules.json", "{}");
  }

  /**
   * Weights and vocabularies are not read before all have come, and Git's pointers to them are
   * small.
   */
  public void testPointersOfGitAreNamed() {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    for (String name : List.of("tokenizer.json", "0_Transformer/model.safetensors", "vocab.txt")) {
      assertRefused(name + " is a Git LFS pointer", "modules.json", "[]", name, pointer);
    }
    check(1 << 10, "README.md", "Weights lie in Git LFS.\n");
  }

  private static void assertRefused(String message, String... pathsAndContents) {
    IllegalArgumentException e =
        expectThrows(IllegalArgumentException.class, () -> check(1 << 10, pathsAndContents));
    assertTrue(e.getMessage(), e.getMessage().contains(message));
  }

  /** The root's config may be one of another module, which only {@code modules.json} tells. */
  public void testOtherModulesThanTransformersPass() {
    String other = "{\"model_type\":\"model2vec\"}";
    check(1 << 10, "config.json", other, "modules.json", "[]");
    expectThrows(
        IllegalArgumentException.class,
        () ->
            check(
                1 << 10,
                "config.json",
                other,
                "modules.json",
                "[]",
                "sentence_bert_config.json",
                "{}"));
  }

  public void testConfigsOfFoldersWithinPass() {
    check(1 << 10, "1_Pooling/config.json", MAMBA);
  }

  public void testPartsOfAConfigPass() {
    check(7, "config.json", MAMBA);
  }

  public void testAConfigInALaterPartIsLookedAt() {
    expectThrows(
        IllegalArgumentException.class,
        () -> check(MAMBA.length(), "a", "x".repeat(MAMBA.length()), "config.json", MAMBA));
  }

  /** Such a part is sent again, or found when the model is fetched. */
  public void testOtherBytesThanAnnouncedPass() {
    ModelManifest manifest = manifest(1 << 10, "config.json", MAMBA);
    ConfigCheck.check("m", manifest, 0, new BytesArray(MAMBA.replace("mamba", "momba")));
  }

  private static void check(int partSize, String... pathsAndContents) {
    ModelManifest manifest = manifest(partSize, pathsAndContents);
    StringBuilder all = new StringBuilder();
    for (int i = 1; i < pathsAndContents.length; i += 2) {
      all.append(pathsAndContents[i]);
    }
    BytesArray bytes = new BytesArray(all.toString());
    for (int part = 0; part < manifest.parts(); part++) {
      ConfigCheck.check(
          "m", manifest, part, bytes.slice(part * partSize, manifest.partLength(part)));
    }
  }

  private static ModelManifest manifest(int partSize, String... pathsAndContents) {
    List<ModelFile> files = new ArrayList<>();
    for (int i = 0; i < pathsAndContents.length; i += 2) {
      byte[] content = pathsAndContents[i + 1].getBytes(UTF_8);
      files.add(new ModelFile(pathsAndContents[i], content.length, Sha256.of(content)));
    }
    return new ModelManifest(files, partSize, ModelOptions.DEFAULT);
  }
}
