package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.TIME;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.transport.ActionNotFoundTransportException;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.action.UpdateAliasAction;

/** A master answers as one without the plugin, which knows no action that changes models. */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.TEST,
    numDataNodes = 2,
    numClientNodes = 0,
    supportsDedicatedMasters = false)
public class MasterWithoutPluginTests extends ESIntegTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  public void testItIsNamedWhateverIsToBeChanged() throws Exception {
    ModelRequest model = new ModelRequest(TIME, TIME, "tiny");
    Map<ActionType<?>, ActionRequest> changes =
        Map.of(
            PutModelAction.TYPE,
            new PutModelAction.Request(TIME, TIME, "tiny", new TinyModel(50_000).manifest()),
            DeployModelAction.TYPE,
            model,
            UndeployModelAction.TYPE,
            model,
            DeleteModelAction.TYPE,
            model,
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, "alias", Optional.of("tiny")));
    String master = internalCluster().getMasterName();
    MockTransportService transport = MockTransportService.getInstance(master);
    for (ActionType<?> change : changes.keySet()) {
      transport.addRequestHandlingBehavior(
          change.name(),
          (handler, request, channel, task) ->
              channel.sendResponse(new ActionNotFoundTransportException(change.name())));
    }
    changes.forEach((change, request) -> assertRefused(change, request, master));
    transport.clearAllRules();
  }

  private static void assertRefused(ActionType<?> change, ActionRequest request, String master) {
    Exception e =
        expectThrows(
            Exception.class,
            () -> internalCluster().nonMasterClient().execute(change, request).actionGet(TIME));
    assertEquals(change.name(), RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
    assertEquals(
        "the plugin semlux is not installed on the nodes ["
            + master
            + "]: every node of a cluster with models needs it",
        e.getMessage());
  }
}
