package org.semlux.encoders.text;

import java.io.IOException;
import java.util.List;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.SizeLimits;

/**
 * How many tokens of a text a model reads: what its files ask for, as far as the network can be
 * given them.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * SequenceLength.cut(folder, Networks.of(folder)); // 256
 * SequenceLength.longest(folder, Networks.of(folder)); // 512, as it has positions
 * }
 */
public final class SequenceLength {
  private static final List<String> LENGTHS =
      List.of("max_seq_length", "query_length", "document_length");

  private SequenceLength() {}

  /**
   * Whether a folder's files say where texts are cut. A tokenizer that was never told is saved with
   * a length of 1e30.
   */
  public static boolean isSaid(ModelFolder folder) throws IOException {
    Module first = folder.modules().get(0);
    return folder.kind() == EncoderKind.MULTI_VECTOR
        || LENGTHS.stream().anyMatch(TransformerSettings.of(folder, first)::has)
        || asked(first, Integer.MAX_VALUE) < Integer.MAX_VALUE;
  }

  /**
   * Tokens that a folder's texts can have at most.
   *
   * @throws ModelException when it asks for more than the network can be given
   */
  public static int longest(ModelFolder folder, Network network) throws IOException {
    int positions = network.maxPositions();
    int longest = positions;
    if (folder.kind() == EncoderKind.MULTI_VECTOR) {
      longest = Math.max(longest, LateInteraction.of(folder).longest());
    }
    JsonFile settings = TransformerSettings.of(folder, folder.modules().get(0));
    for (String key : LENGTHS) {
      longest = Math.max(longest, settings.getInt(key, 0));
    }
    if (longest > positions && network.beyondPositions() == Network.Beyond.REFUSED) {
      throw ModelException.of(
          folder.name(),
          "it asks for texts of %s tokens, beyond the %s of its rotary positions, which are of"
                  .formatted(longest, positions)
              + " the type [dynamic] and would depend on the other texts of a batch: ask for fewer");
    }
    // No text has more tokens than that, and windows of as many can still be counted.
    return network.beyondPositions() == Network.Beyond.READ
        ? Math.min(longest, SizeLimits.POSITIONS)
        : positions;
  }

  /**
   * The same where it is less: what a folder's texts, of whichever side, are cut at.
   *
   * @throws ModelException when the network cannot be given as many
   */
  public static int cut(ModelFolder folder, Network network) throws IOException {
    JsonFile settings = TransformerSettings.of(folder, folder.modules().get(0));
    int positions = longest(folder, network);
    int sides = Math.max(settings.getInt("query_length", 0), settings.getInt("document_length", 0));
    if (folder.kind() == EncoderKind.MULTI_VECTOR) {
      sides = LateInteraction.of(folder).longest();
    }
    int longest = Math.max(cut(folder, network, settings, positions), Math.min(sides, positions));
    network.requireLength(longest);
    return longest;
  }

  /**
   * Of texts without a side: positions bound what is asked for, which often is a length of 1e30.
   */
  static int cut(ModelFolder folder, Network network, JsonFile settings, int positions)
      throws IOException {
    double asked =
        settings.has("max_seq_length")
            ? settings.requireInt("max_seq_length")
            : Math.min(asked(folder.modules().get(0), positions), network.maxPositions());
    if (asked < 1) {
      throw ModelException.of(folder.name(), "it asks for texts of " + (int) asked + " tokens");
    }
    return (int) Math.min(asked, positions);
  }

  /**
   * Where a module's {@code tokenizer_config.json} has texts cut; the key was {@code max_len} in
   * early releases.
   *
   * @param otherwise where it does not say
   */
  static double asked(Module module, int otherwise) throws IOException {
    JsonFile settings = module.config("tokenizer_config.json");
    String key = settings.object().has("model_max_length") ? "model_max_length" : "max_len";
    return settings.getDouble(key, otherwise);
  }
}
