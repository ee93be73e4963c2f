package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.index.Index;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.mine.TeacherScores;

/** Makes an adaptation's rows, by the models and the search for words that it has. */
record RowMining(AdaptationPlan plan, AdaptationFolder folder, PrintWriter err) {
  /** Writes {@link AdaptationFolder#rows}. */
  void write(AdaptationData data) throws IOException {
    AdaptationModels models = plan.models();
    AdaptationRows making =
        new AdaptationRows(
            data,
            models.negatives(),
            plan.relativeMargin(),
            models.lists(),
            models.temperature(),
            models.teachersScale(),
            plan.seed(),
            err);
    if (!models.searches(plan.known())) {
      making.write(folder.rows());
      return;
    }
    WordSearch words = words(data);
    EncoderOptions options = EncoderOptions.defaults();
    Path vectors = folder.vectors();
    Optional<TeacherScores> teacher =
        teacher().map(it -> new TeacherScores(it, options, false, vectors, err));
    Path retriever = models.retriever();
    try (DenseEncoder encoder = DenseEncoder.load(retriever, options)) {
      boolean cosine = BaseSimilarity.of(retriever).isCosine();
      KeptNumbers kept = KeptNumbers.of(vectors, retriever, encoder.info(), options.calibration());
      MiningSearch near = new MiningSearch(encoder, kept, cosine, err);
      making.write(near, words, plan.known().unanswered(), teacher, folder.rows());
    }
  }

  private Optional<Path> teacher() throws IOException {
    AdaptationModels models = plan.models();
    return models.teachesItself()
        ? Optional.of(folder.model("own_teacher", to -> OwnTeacher.write(models.base(), to)))
        : models.teacher();
  }

  private WordSearch words(AdaptationData data) throws IOException {
    Optional<Index> index = plan.corpus().index();
    // The best of a whole index would hardly be among a small part of it.
    if (index.isPresent() && folder.isWhole()) {
      String field = plan.corpus().documents().field();
      IndexWordSearch own = IndexWordSearch.of(index.get(), field, data.corpus());
      Optional<String> refusal = own.refusal();
      if (refusal.isEmpty()) {
        return own;
      }
      err.printf("Words are searched for here, with another BM25: %s%n", refusal.get());
    }
    return new Bm25(data.corpus().stream().map(Document::text).toList());
  }
}
