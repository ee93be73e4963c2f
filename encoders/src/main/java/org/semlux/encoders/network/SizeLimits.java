package org.semlux.encoders.network;

/**
 * What a config may ask for: several times what the largest models have that read texts into
 * vectors, so that sums and products of sizes stay far from where they overflow. Whatever is within
 * them must still be what the weights are, before anything is made of it.
 *
 * {@snippet lang=java :
 * JsonFile config = JsonFile.read(Path.of("model/config.json"));
 * config.requireInt("max_position_embeddings", 1, SizeLimits.POSITIONS); // else an IOException
 * }
 */
public final class SizeLimits {
  static final int LAYERS = 1_024;

  /** Numbers in a token's state, in a vector, in a layer's middle. */
  static final int WIDTH = 1 << 20;

  static final int HEADS = 4_096;

  /** Ids of a vocabulary. */
  static final int VOCABULARY = 1 << 24;

  /** Tokens of a text. */
  public static final int POSITIONS = 1 << 24;

  /** Kinds of tokens, buckets of positions, labels. */
  static final int KINDS = 1 << 16;

  private SizeLimits() {}
}
