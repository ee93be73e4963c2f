package org.semlux.training.adapt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Networks;
import org.semlux.training.base.StartingFolder;
import org.semlux.training.folder.MultiVectorLayout;
import org.semlux.training.folder.TextLength;

/**
 * A bi-encoder's own late interaction, which teaches its vectors: its tokens' states, compared one
 * by one, find answers that their mean misses, on any corpus (docs/measurements.md). So nobody has
 * to bring a teacher, and the scores are cosines as the vectors' are (Lin et al. 2020,
 * https://arxiv.org/abs/2010.11386, teach the product of two vectors by a ColBERT).
 *
 * {@snippet lang=java :
 * Path base = Path.of("all-MiniLM-L6-v2");
 * if (OwnTeacher.fits(base)) {
 *   OwnTeacher.write(base, Files.createDirectory(Path.of("teacher"))); // a multi-vector encoder
 * }
 * }
 */
public final class OwnTeacher {
  /** What teacher's and student's cosines are divided by before they are compared. */
  public static final double TEMPERATURE = 0.05;

  private OwnTeacher() {}

  /**
   * Whether a model has one: vectors that are means of tokens' states alone, compared by cosine.
   *
   * @throws IOException when a file is missing or unreadable
   */
  public static boolean fits(Path base) throws IOException {
    ModelFolder folder = ModelFolder.open(base);
    return folder.kind() == EncoderKind.DENSE
        && TextLength.isTransformer(folder.modules().get(0))
        && folder.modules().stream().skip(2).allMatch(module -> module.type().equals("Normalize"))
        && DenseHead.of(folder, Networks.of(folder)).pooling().modes().equals(List.of("mean"))
        && BaseSimilarity.of(base).isCosine();
  }

  /** Writes it, a multi-vector encoder, into an empty folder. */
  public static void write(Path base, Path target) throws IOException {
    StartingFolder.of(base, 0).write(EncoderKind.MULTI_VECTOR, target);
    new MultiVectorLayout(ModelFolder.open(base), MaxSim.MEAN).write(target);
  }
}
