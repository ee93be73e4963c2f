package org.semlux.plugin.model;

import java.io.IOException;
import org.elasticsearch.common.io.stream.BytesStreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;

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

  /** Nodes are upgraded one after the other. */
  public void testAModelOfOneLengthIsAsEarlierBuildsSendIt() throws IOException {
    try (BytesStreamOutput out = new BytesStreamOutput()) {
      out.writeEnum(EncoderKind.DENSE);
      out.writeVInt(384);
      out.writeVInt(256);
      out.writeEnum(Precision.FLOAT32);
      out.writeString("faster");
      out.writeVLong(99);
      NodeModel.Shape shape = NodeModel.Shape.read(out.bytes().streamInput());
      assertEquals(
          new NodeModel.Shape(EncoderKind.DENSE, 384, 256, 256, Precision.FLOAT32, "faster", 99),
          shape);
      try (BytesStreamOutput again = new BytesStreamOutput()) {
        shape.writeTo(again);
        assertEquals(out.bytes(), again.bytes());
      }
    }
  }

  @Override
  protected NodeModel mutateInstance(NodeModel instance) {
    return randomValueOtherThan(instance, this::createTestInstance);
  }
}
