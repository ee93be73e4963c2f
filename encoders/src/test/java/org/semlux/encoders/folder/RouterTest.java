package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;

/** Which way a text goes, by the rules of the reference's Router. */
class RouterTest {
  private static final String MODULES =
      """
      [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.router.Router"},
       {"idx": 1, "name": "1", "path": "1_SpladePooling", "type": "sentence_transformers.models.SpladePooling"}]
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeFolders() throws IOException {
    Files.writeString(folder.resolve("modules.json"), MODULES, UTF_8);
    for (String name : new String[] {"query_0_Lookup", "document_0_Transformer"}) {
      Files.createDirectory(folder.resolve(name));
    }
  }

  private Router router(String parameters) throws IOException {
    return router("router_config.json", "document_0_Transformer", parameters);
  }

  private Router router(String file, String document, String parameters) throws IOException {
    String config =
        """
        {"types": {"query_0_Lookup": "sentence_transformers.models.SparseStaticEmbedding",
                   "%s": "sentence_transformers.models.Transformer"},
         "structure": {"query": ["query_0_Lookup"], "document": ["%s"]},
         "parameters": {%s}}
        """
            .formatted(document, document, parameters);
    Files.writeString(folder.resolve(file), config, UTF_8);
    return Router.of(ModelFolder.open(folder));
  }

  private static String of(Router router, InputType type) {
    return router.route(Optional.ofNullable(type));
  }

  @Test
  void theInputTypeIsTheRouteAndTheDefaultIsForTheRest() throws IOException {
    Router router = router("\"default_route\": \"document\"");
    assertThat(of(router, InputType.QUERY)).isEqualTo("query");
    assertThat(of(router, InputType.DOCUMENT)).isEqualTo("document");
    assertThat(of(router, null)).isEqualTo("document");
    ModelFolder query = router.routes().get("query");
    assertThat(query.modules())
        .extracting(ModelFolder.Module::type)
        .containsExactly("SparseStaticEmbedding", "SpladePooling");
    assertThat(query.modules().get(0).folder()).isEqualTo(folder.resolve("query_0_Lookup"));
    assertThat(ModelFolder.open(folder).kind()).isEqualTo(EncoderKind.SPARSE);
  }

  @Test
  void withoutADefaultTheFirstRouteIsTaken() throws IOException {
    assertThat(of(router("\"default_route\": null"), null)).isEqualTo("query");
    Router strict = router("\"default_route\": null, \"allow_empty_key\": false");
    assertThatThrownBy(() -> of(strict, null))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no route for a text without input type")
        .hasMessageContaining("[query, document]");
  }

  @Test
  void mappingsWinFromTheMostParticular() throws IOException {
    Router router =
        router(
            "\"route_mappings\": {\"('query', 'text')\": \"document\", \"(None, None)\": \"query\"}");
    assertThat(of(router, InputType.QUERY)).isEqualTo("document");
    assertThat(of(router, InputType.DOCUMENT)).isEqualTo("query");
    assertThat(of(router, null)).isEqualTo("query");
  }

  @Test
  void anInputTypeWithoutARouteIsRefused() throws IOException {
    String config =
        """
        {"types": {"query_0_Lookup": "sentence_transformers.models.SparseStaticEmbedding"},
         "structure": {"query": ["query_0_Lookup"]}, "parameters": {}}
        """;
    Files.writeString(folder.resolve("router_config.json"), config, UTF_8);
    Router router = Router.of(ModelFolder.open(folder));
    assertThatThrownBy(() -> of(router, InputType.DOCUMENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no route for the input type [document]");
  }

  @Test
  void theOlderNamesAreRead() throws IOException {
    Files.writeString(
        folder.resolve("modules.json"), MODULES.replace("router.Router", "Asym"), UTF_8);
    Router router = router("config.json", "document_0_Transformer", "\"allow_empty_key\": true");
    assertThat(of(router, InputType.DOCUMENT)).isEqualTo("document");
  }

  @Test
  void aModuleWithoutAFolderIsRefused() {
    assertThatThrownBy(() -> router("router_config.json", "document_9_Transformer", ""))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("names the module document_9_Transformer, it has no folder");
    assertThatThrownBy(() -> router("router_config.json", "../elsewhere", ""))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points outside the folder");
    assertThatThrownBy(() -> router("\"default_route\": \"image\""))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points to the route [image], there are [query, document]");
  }
}
