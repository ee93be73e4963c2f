package org.semlux.plugin.action;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;
import org.semlux.plugin.model.ModelStatus;
import org.semlux.plugin.model.RandomModels;

public class GetModelsResponseTests
    extends AbstractWireSerializingTestCase<GetModelsAction.Response> {
  @Override
  protected Writeable.Reader<GetModelsAction.Response> instanceReader() {
    return GetModelsAction.Response::new;
  }

  @Override
  protected GetModelsAction.Response createTestInstance() {
    return new GetModelsAction.Response(randomList(0, 3, RandomModels::status));
  }

  @Override
  protected GetModelsAction.Response mutateInstance(GetModelsAction.Response response) {
    List<ModelStatus> models = new ArrayList<>(response.models());
    models.add(RandomModels.status());
    return new GetModelsAction.Response(models);
  }
}
