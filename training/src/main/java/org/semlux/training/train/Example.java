package org.semlux.training.train;

import java.util.List;
import org.semlux.encoders.text.Tokens;

/**
 * A row of the training data as the model reads it.
 *
 * @param sequences two texts, or one pair for a cross-encoder
 * @param label what the loss wants the model to say
 */
record Example(List<Tokens> sequences, float label) {}
