package org.semlux.plugin.model;

import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;

/** What a node says of a model arrives as it was sent. */
public class NodeModelTests extends AbstractWireSerializingTestCase<NodeModel> {
  @Override
  protected Writeable.Reader<NodeModel> instanceReader() {
    return NodeModel::new;
  }

  @Override
  protected NodeModel createTestInstance() {
    return RandomModels.nodeModel();
  }

  @Override
  protected NodeModel mutateInstance(NodeModel instance) {
    return randomValueOtherThan(instance, this::createTestInstance);
  }
}
