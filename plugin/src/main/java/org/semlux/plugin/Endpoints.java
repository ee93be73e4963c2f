package org.semlux.plugin;

import java.util.List;
import org.elasticsearch.plugins.ActionPlugin.ActionHandler;
import org.elasticsearch.rest.RestHandler;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.GetModelsAction;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.PutPartAction;
import org.semlux.plugin.action.RerankAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.action.UpdateAliasAction;
import org.semlux.plugin.field.FieldModelsAction;
import org.semlux.plugin.forward.ForwardAction;
import org.semlux.plugin.reencode.HiddenFields;
import org.semlux.plugin.reencode.ReencodeAction;
import org.semlux.plugin.reencode.ReencodeTaskAction;
import org.semlux.plugin.rest.RestDeleteModel;
import org.semlux.plugin.rest.RestDeployModel;
import org.semlux.plugin.rest.RestEncode;
import org.semlux.plugin.rest.RestGetModels;
import org.semlux.plugin.rest.RestPutModel;
import org.semlux.plugin.rest.RestPutPart;
import org.semlux.plugin.rest.RestReencode;
import org.semlux.plugin.rest.RestReencodeTask;
import org.semlux.plugin.rest.RestRerank;
import org.semlux.plugin.rest.RestStats;
import org.semlux.plugin.rest.RestUndeployModel;
import org.semlux.plugin.rest.RestUpdateAlias;

/** What can be asked: actions, which nodes and users call, and the REST API on top of them. */
final class Endpoints {
  private Endpoints() {}

  static List<ActionHandler> actions() {
    return List.of(
        new ActionHandler(PutModelAction.TYPE, PutModelAction.Transport.class),
        new ActionHandler(PutPartAction.TYPE, PutPartAction.Transport.class),
        new ActionHandler(DeployModelAction.TYPE, DeployModelAction.Transport.class),
        new ActionHandler(UndeployModelAction.TYPE, UndeployModelAction.Transport.class),
        new ActionHandler(DeleteModelAction.TYPE, DeleteModelAction.Transport.class),
        new ActionHandler(UpdateAliasAction.TYPE, UpdateAliasAction.Transport.class),
        new ActionHandler(GetModelsAction.TYPE, GetModelsAction.Transport.class),
        new ActionHandler(NodeModelsAction.TYPE, NodeModelsAction.Transport.class),
        new ActionHandler(FieldModelsAction.TYPE, FieldModelsAction.Transport.class),
        new ActionHandler(ForwardAction.TYPE, ForwardAction.Transport.class),
        new ActionHandler(EncodeAction.TYPE, EncodeAction.Transport.class),
        new ActionHandler(RerankAction.TYPE, RerankAction.Transport.class),
        new ActionHandler(ReencodeAction.TYPE, ReencodeAction.Transport.class),
        new ActionHandler(HiddenFields.TYPE, HiddenFields.Transport.class),
        new ActionHandler(ReencodeTaskAction.GET, ReencodeTaskAction.Get.class),
        new ActionHandler(ReencodeTaskAction.CANCEL, ReencodeTaskAction.Cancel.class),
        new ActionHandler(StatsAction.TYPE, StatsAction.Transport.class));
  }

  static List<RestHandler> restHandlers() {
    return List.of(
        new RestPutModel(),
        new RestPutPart(),
        new RestDeployModel(),
        new RestUndeployModel(),
        new RestDeleteModel(),
        new RestUpdateAlias(),
        new RestGetModels(),
        new RestEncode(),
        new RestRerank(),
        new RestReencode(),
        new RestReencodeTask(),
        new RestStats());
  }
}
