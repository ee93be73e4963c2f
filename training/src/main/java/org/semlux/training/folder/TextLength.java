package org.semlux.training.folder;

import java.io.IOException;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.SizeLimits;

/**
 * What {@code --max-seq-length} may ask for.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * ModelFolder.Module first = folder.modules().get(0);
 * TextLength.require(folder, first, 128, folder.isPlain()); // an IOException says what it reads
 * }
 */
public final class TextLength {
  private TextLength() {}

  /**
   * Refuses a length that texts would not be cut at.
   *
   * @param reading the module that cuts them
   * @param plain whether no {@code modules.json} will be there: then no text goes beyond positions
   * @throws IOException naming the option
   */
  public static void require(ModelFolder folder, Module reading, int tokens, boolean plain)
      throws IOException {
    if (folder.kind() == EncoderKind.MULTI_VECTOR && hasLengths(LateInteraction.of(folder))) {
      throw new IOException(
          "--max-seq-length would change nothing: %s cuts queries and documents at lengths of their own"
                  .formatted(folder.name())
              + " (query_length or query_expansion, document_length)");
    }
    int most = SizeLimits.POSITIONS;
    if (isTransformer(reading)) {
      Network network = Networks.of(folder.name(), reading.config("config.json"));
      boolean beyond = !plain && network.beyondPositions() == Network.Beyond.READ;
      most = beyond ? most : network.maxPositions();
    } else if (!reading.type().equals("WordEmbeddings")) {
      throw unsuited(reading);
    }
    if (tokens < 1 || tokens > most) {
      throw new IOException(
          "--max-seq-length %s is not from 1 to %s, which this model reads"
              .formatted(tokens, most));
    }
  }

  /** Whether a module is a transformer, which cuts texts at its positions at the latest. */
  public static boolean isTransformer(Module module) {
    return module.type().equals("Transformer") || module.type().equals("MLMTransformer");
  }

  /** For a module that does not take the option. */
  public static IOException unsuited(Module first) {
    return new IOException(
        "--max-seq-length is for a transformer, and the model begins with " + first.type());
  }

  /** Whether both sides have one. */
  private static boolean hasLengths(LateInteraction late) {
    boolean ofQueries =
        late.queryLength().isPresent()
            || late.expansion().filter(LateInteraction.Expansion::fixed).isPresent();
    return ofQueries && late.documentLength().isPresent();
  }
}
