package org.semlux.encoders;

import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.load.RowModel;

/**
 * What encoders have in common that stand on one {@link RowModel}, whose owners they are. Public,
 * since the JVM links no method reference to what a hidden class declares.
 *
 * {@snippet lang=java :
 * RowEncoder encoder = CrossEncoder.load(Path.of("model"), EncoderOptions.defaults());
 * System.out.println(encoder.info().dimensions() + " numbers a pair");
 * System.out.println(encoder.stats().texts() + " pairs so far");
 * encoder.close();
 * }
 */
public abstract sealed class RowEncoder permits CrossEncoder, MultiVectorEncoder {
  final RowModel model;
  final EncoderInfo info;

  RowEncoder(RowModel model, EncoderInfo info) {
    this.model = model;
    this.info = info;
  }

  public final EncoderInfo info() {
    return info;
  }

  public final EncoderStats stats() {
    return model.queue().stats();
  }

  public final void close() {
    model.queue().close();
  }

  public final CompletableFuture<Void> released() {
    return model.queue().released();
  }
}
