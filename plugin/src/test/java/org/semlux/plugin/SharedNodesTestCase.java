package org.semlux.plugin;

import java.util.Optional;
import org.elasticsearch.test.ESIntegTestCase;
import org.junit.After;
import org.semlux.plugin.action.GetModelsAction;
import org.semlux.plugin.model.ModelStatus;

/**
 * The tests of a class share two nodes, which each leaves without models; what else it has made
 * there Elasticsearch takes away.
 */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.SUITE,
    numDataNodes = 2,
    numClientNodes = 0,
    supportsDedicatedMasters = false)
public abstract class SharedNodesTestCase extends TwoNodesTestCase {
  @After
  public final void deleteModels() {
    var all = new GetModelsAction.Request(Optional.empty());
    for (ModelStatus model : client().execute(GetModelsAction.TYPE, all).actionGet().models()) {
      ModelCalls.delete(client(), model.model().id(), true);
    }
  }
}
