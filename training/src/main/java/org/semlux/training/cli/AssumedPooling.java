package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Pooling;

/** How vectors are made of tokens where no file of the model says it. */
final class AssumedPooling {
  private AssumedPooling() {}

  /** Says what a plain transformer's pooling is taken to be; of other models nothing. */
  static void tell(ModelFolder folder, PrintWriter err) throws IOException {
    if (folder.isPlain() && folder.kind() == EncoderKind.DENSE) {
      err.println(
          "its files name no pooling, so assumed: "
              + String.join(", ", Pooling.byDefault(folder).modes())
              + "; semlux import --pooling gives another");
    }
  }
}
