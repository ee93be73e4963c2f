package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertAcked;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.elasticsearch.action.admin.indices.mapping.put.PutMappingRequest;
import org.elasticsearch.action.admin.indices.mapping.put.TransportAutoPutMappingAction;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.xcontent.support.XContentMapValues;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.plugin.FilteredAction;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;

public class VectorMappingsTests extends ESSingleNodeTestCase {
  private static final String FIELD =
      "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"%s}}}";

  /**
   * Refuses a part of a field once, as an older build's master does; by then a user has changed the
   * field.
   */
  public static final class OlderMaster extends Plugin implements ActionPlugin {
    private final AtomicBoolean asked = new AtomicBoolean();
    private Client client;

    @Override
    public Collection<?> createComponents(PluginServices services) {
      client = services.client();
      return List.of();
    }

    @Override
    public Collection<MappedActionFilter> getMappedActionFilters() {
      return List.of(
          new FilteredAction(
              TransportAutoPutMappingAction.TYPE.name(),
              (request, listener, proceed) -> {
                if (asked.getAndSet(true)) {
                  proceed.run();
                  return;
                }
                String changed = FIELD.formatted(",\"search_model_id\":\"other\"");
                client
                    .admin()
                    .indices()
                    .putMapping(
                        new PutMappingRequest("notes").source(changed, XContentType.JSON),
                        listener.delegateFailureAndWrap(
                            (l, done) -> {
                              throw new IllegalArgumentException(
                                  SemluxTextFieldMapper.NEEDS_MODEL_ID);
                            }));
              }));
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, OlderMaster.class);
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  public void testWhatAUserChangesMeanwhileStays() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    assertAcked(indicesAdmin().prepareCreate("notes").setMapping(FIELD.formatted("")));
    prepareIndex("notes").setId("1").setSource("body", "the river rises").get();
    Map<String, Object> mapping =
        getInstanceFromNode(ClusterService.class)
            .state()
            .metadata()
            .getProject(Metadata.DEFAULT_PROJECT_ID)
            .index("notes")
            .mapping()
            .sourceAsMap();
    assertEquals(
        "other", XContentMapValues.extractValue("properties.body.search_model_id", mapping));
    assertNotNull(XContentMapValues.extractValue("properties.body.model_settings", mapping));
  }
}
