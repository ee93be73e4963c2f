package org.semlux.training.adapt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.base.InferenceFreeFolder;
import org.semlux.training.card.Task;
import org.semlux.training.train.LoraArguments;
import org.semlux.training.train.Trainer;

/**
 * The model that is fitted, and those that help.
 *
 * @param base what it starts from
 * @param retriever the bi-encoder that finds negatives, answers of queries and texts to rerank
 * @param teacher a cross-encoder whose scores are learnt
 * @param negatives of each pair
 * @param teachesItself whether the base's late interaction is the teacher of its vectors
 */
public record AdaptationModels(
    Task task,
    Path base,
    Path retriever,
    Optional<Path> teacher,
    int negatives,
    boolean teachesItself) {
  /** What a teacher is asked about, or a reranker tells from each answer, beside this. */
  private static final int ASKED = 5;

  /**
   * Chooses what was not asked for.
   *
   * @param retriever the base where empty
   * @param negatives as many as the task and its teacher take where empty
   * @throws IOException when the base cannot be read
   */
  public static AdaptationModels of(
      Task task, Path base, Optional<Path> retriever, Optional<Path> teacher, OptionalInt negatives)
      throws IOException {
    boolean own = task == Task.BI_ENCODER && teacher.isEmpty() && OwnTeacher.fits(base);
    int taken =
        negatives.orElse(
            switch (task) {
              case CROSS_ENCODER -> ASKED;
              case BI_ENCODER, MULTI_VECTOR_ENCODER -> own || teacher.isPresent() ? ASKED : 0;
              case SPARSE_ENCODER -> teacher.isPresent() ? ASKED : 1;
            });
    return new AdaptationModels(
        task, base, retriever.orElse(base), teacher, taken, own && taken > 0);
  }

  /** Whether scores are learnt, in place of which text answers. */
  public boolean isTaught() {
    return teacher.isPresent() || teachesItself;
  }

  /**
   * Whether a teacher says what each document is worth, in place of a label: the distribution of
   * its scores is learnt, and none is too near or too far to be asked about.
   */
  public boolean learnsDistributions() {
    return isTaught() && !lists();
  }

  /**
   * What the model's own scores are divided by before they are compared with its teacher's, which
   * are of its size then: cosines are small.
   */
  double temperature() throws IOException {
    return task == Task.BI_ENCODER && BaseSimilarity.of(base).isCosine()
        ? OwnTeacher.TEMPERATURE
        : 1;
  }

  /** The factor that makes a teacher's scores of that size: a cross-encoder's are logits. */
  double teachersScale() throws IOException {
    return teacher.isPresent() && !lists() ? temperature() : 1;
  }

  /** Whether anything is to be found before training: negatives, or answers of queries. */
  public boolean searches(KnownAnswers known) {
    return negatives > 0 || !known.unanswered().isEmpty();
  }

  /** Whether it orders what others have found. */
  public boolean reranks() {
    return task == Task.CROSS_ENCODER || task == Task.MULTI_VECTOR_ENCODER;
  }

  /** Whether it reads pairs, and learns from a query's documents as a list. */
  boolean lists() {
    return task == Task.CROSS_ENCODER;
  }

  /** A reranker that another kind of model was made of has a head that its base lacks. */
  public boolean hasNewHead() throws IOException {
    return lists() && ModelFolder.open(base).kind() != EncoderKind.CROSS;
  }

  /**
   * Refuses what is of another kind than its place is for, or cannot be trained.
   *
   * @param inferenceFree whether queries shall be looked up
   * @throws ModelException that names the model
   */
  public void check(LoraArguments lora, boolean inferenceFree) throws IOException {
    ModelFolder model = ModelFolder.open(base);
    boolean tokens = task == Task.MULTI_VECTOR_ENCODER && model.kind() == EncoderKind.DENSE;
    if (model.kind() == task.kind()) {
      Trainer.check(base, lora);
      if (inferenceFree) {
        InferenceFreeFolder.check(model);
      }
    } else if (task != Task.CROSS_ENCODER && !tokens) {
      throw ModelException.of(
          model.name(), "it is a " + model.kind() + " model, where --task says " + task);
    }
    if (teacher.isPresent()) { // others' scores are of another size
      require(teacher.get(), EncoderKind.CROSS, "--teacher is a cross-encoder");
    }
    if (!retriever.equals(base)) {
      require(retriever, EncoderKind.DENSE, "--retriever is a bi-encoder");
    }
    if (ModelFolder.open(retriever).kind() == EncoderKind.DENSE) {
      BaseSimilarity.of(retriever);
    }
  }

  private static void require(Path model, EncoderKind kind, String place) throws IOException {
    ModelFolder folder = ModelFolder.open(model);
    if (folder.kind() != kind) {
      throw ModelException.of(folder.name(), "it is a " + folder.kind() + " model, where " + place);
    }
  }
}
