package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.cluster.ClusterName;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.ComponentTemplate;
import org.elasticsearch.cluster.metadata.ComposableIndexTemplate;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.IndexTemplateMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.cluster.metadata.Template;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.ingest.IngestMetadata;
import org.elasticsearch.ingest.PipelineConfiguration;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.xcontent.XContentType;

public class ModelUsesTests extends ESTestCase {
  private static final String FIELD =
      "{\"properties\":{\"o\":{\"properties\":{\"f\":{\"type\":\"semlux_text\",%s}}}}}";
  private static final String DYNAMIC =
      "{\"dynamic_templates\":[{\"texts\":{\"match\":\"*\",\"mapping\":"
          + "{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}]}";

  private static ClusterState with(ProjectMetadata.Builder project) {
    return ClusterState.builder(ClusterName.DEFAULT).putProjectMetadata(project).build();
  }

  private static ProjectMetadata.Builder project() {
    return ProjectMetadata.builder(Metadata.DEFAULT_PROJECT_ID);
  }

  private static ClusterState withIndex(String mapping) {
    return with(
        project()
            .put(
                IndexMetadata.builder("notes")
                    .settings(indexSettings(IndexVersion.current(), 1, 0))
                    .putMapping(mapping)
                    .build(),
                false));
  }

  private static ClusterState withPipeline(String processor) {
    var pipeline =
        new PipelineConfiguration(
            "p",
            new BytesArray("{\"processors\":[{\"semlux\":%s}]}".formatted(processor)),
            XContentType.JSON);
    return with(
        project().putCustom(IngestMetadata.TYPE, new IngestMetadata(Map.of("p", pipeline))));
  }

  private static CompressedXContent mapping(String field) throws IOException {
    return new CompressedXContent(FIELD.formatted(field));
  }

  private static Template template(String field) throws IOException {
    return Template.builder().mappings(mapping(field)).build();
  }

  private static void assertUse(String sentence, ClusterState state) {
    ModelUses uses = new ModelUses();
    Exception e =
        expectThrows(ElasticsearchStatusException.class, () -> uses.requireNone(state, "tiny"));
    assertThat(e.getMessage(), containsString("model [tiny] is in use by " + sentence + ":"));
    assertEquals(List.of(), uses.of(state, Set.of("absent", "null")));
  }

  public void testWhateverNamesAModelIsFound() throws Exception {
    String field = "\"model_id\":\"tiny\"";
    for (String mapping :
        List.of(
            FIELD.formatted(field),
            FIELD.formatted("\"model_id\":\"other\",\"search_model_id\":\"tiny\""),
            FIELD.formatted("\"model_id\":\"a\",\"model_settings\":{\"models\":{\"tiny\":\"b\"}}"),
            FIELD.formatted("\"model_id\":\"a\",\"model_settings\":{\"models\":{\"b\":\"tiny\"}}"),
            DYNAMIC)) {
      assertUse("fields of the indices [notes]", withIndex(mapping));
    }
    String entry = "\"input_field\":\"a\",\"output_field\":\"b\"";
    for (String processor :
        List.of(
            "{%s,\"input_output\":[{%s}]}".formatted(field, entry),
            "{\"model_id\":\"a\",\"input_output\":[{%s},{%s,%s}]}"
                .formatted(entry, entry, field))) {
      assertUse("the pipelines [p]", withPipeline(processor));
    }
    var template =
        ComposableIndexTemplate.builder()
            .indexPatterns(List.of("n*"))
            .template(template(field))
            .build();
    assertUse("the index templates [t]", with(project().put("t", template)));
    var component = new ComponentTemplate(template(field), null, null);
    assertUse("the component templates [t]", with(project().put("t", component)));
    var legacy =
        IndexTemplateMetadata.builder("t")
            .patterns(List.of("n*"))
            .putMapping("_doc", mapping(field));
    assertUse("the legacy index templates [t]", with(project().put(legacy)));
    IndexMetadata backing =
        IndexMetadata.builder(DataStream.getDefaultBackingIndexName("d", 1))
            .settings(indexSettings(IndexVersion.current(), 1, 0))
            .build();
    DataStream stream =
        DataStream.builder("d", List.of(backing.getIndex())).setMappings(mapping(field)).build();
    assertUse(
        "the mappings of the data streams [d]", with(project().put(backing, false).put(stream)));
  }

  /** What was read of one state is not taken for another's. */
  public void testALaterStateIsReadForWhatIsNewInIt() {
    ModelUses uses = new ModelUses();
    ClusterState before = withIndex(FIELD.formatted("\"model_id\":\"other\""));
    uses.requireNone(before, "tiny");
    uses.requireNone(before, "tiny");
    ClusterState after = withIndex(FIELD.formatted("\"model_id\":\"tiny\""));
    expectThrows(ElasticsearchStatusException.class, () -> uses.requireNone(after, "tiny"));
    uses.requireNone(before, "tiny");
  }

  public void testIndicesWithoutMappingsAndTemplatesWithoutMappingsNameNothing() {
    ClusterState state =
        with(
            project()
                .put(
                    IndexMetadata.builder("bare")
                        .settings(indexSettings(IndexVersion.current(), 1, 0))
                        .build(),
                    false)
                .put(
                    "t",
                    new ComponentTemplate(
                        Template.builder().settings(Settings.EMPTY).build(), null, null)));
    assertEquals(List.of(), new ModelUses().of(state, Set.of("tiny", "null")));
  }
}
