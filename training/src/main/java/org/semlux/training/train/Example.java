package org.semlux.training.train;

import java.util.List;
import org.semlux.encoders.text.Tokens;

/**
 * A row of the training data as the model reads it.
 *
 * @param sequences its texts, or for a cross-encoder the first of them with each of the others
 * @param labels what the loss wants the model to say, as it takes them; may be none
 */
record Example(List<Tokens> sequences, float[] labels) {}
