package org.semlux.training.mine;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Candidates and positives scored again by a cross-encoder.
 *
 * @param model its folder
 */
public record CandidateScoring(Path model, EncoderOptions options, Path work, PrintWriter err) {
  public List<Candidates> score(MiningData mining, List<Candidates> found) throws IOException {
    List<TeacherScores.Asked> asked = new ArrayList<>();
    for (int query = 0; query < found.size(); query++) {
      List<String> texts = new ArrayList<>();
      for (int document : found.get(query).documents()) {
        texts.add(mining.corpus().get(document));
      }
      for (int positive : mining.positives().get(query)) {
        texts.add(mining.corpus().get(positive));
      }
      asked.add(new TeacherScores.Asked(mining.queries().get(query), texts));
    }
    List<float[]> scores = new TeacherScores(model, options, true, work, err).of(asked);
    List<Candidates> rescored = new ArrayList<>();
    for (int query = 0; query < found.size(); query++) {
      int[] documents = found.get(query).documents();
      float[] all = scores.get(query);
      rescored.add(
          new Candidates(
              documents,
              Arrays.copyOf(all, documents.length),
              Arrays.copyOfRange(all, documents.length, all.length)));
    }
    return rescored;
  }
}
