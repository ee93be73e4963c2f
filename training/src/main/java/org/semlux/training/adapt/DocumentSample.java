package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * So many documents of a corpus of any size, each with the same chance, beside those that are
 * needed by name: memory follows the sample alone (Vitter 1985, algorithm R).
 *
 * {@snippet lang=java :
 * DocumentSample sample = new DocumentSample(1000, Set.of("the-one-that-was-clicked"), 42);
 * new Documents("text", Documents.TITLE).read(Path.of("corpus.jsonl"), sample);
 * sample.documents(); // 1,000 at the most, and that one
 * sample.seen(); // of so many
 * }
 */
public final class DocumentSample implements Documents.Sink {
  private final int most;
  private final Set<String> needed;
  private final Random random;
  private final List<Document> named = new ArrayList<>();
  private final List<Document> drawn = new ArrayList<>();
  private long seen;

  /**
   * @param most documents beside those that are needed
   * @param needed their ids
   */
  public DocumentSample(int most, Set<String> needed, long seed) {
    this.most = most;
    this.needed = needed;
    this.random = new Random(seed);
  }

  @Override
  public void accept(Document document) {
    if (document.text().isBlank()) {
      return;
    }
    seen++;
    if (needed.contains(document.id())) {
      named.add(document);
    } else if (drawn.size() < most) {
      drawn.add(document);
    } else {
      long place = random.nextLong(seen - named.size());
      if (place < most) {
        drawn.set((int) place, document);
      }
    }
  }

  /** Documents with a text that there were in all. */
  public long seen() {
    return seen;
  }

  /** Whether none was left out but for its text, which another has. */
  public boolean isWhole() {
    return seen - named.size() <= most;
  }

  /** An id that two of them have, of all that is taken. */
  Optional<String> duplicate() {
    Set<String> ids = new HashSet<>();
    return Stream.concat(named.stream(), drawn.stream())
        .map(Document::id)
        .filter(id -> !ids.add(id))
        .findFirst();
  }

  /** Those that are needed, and those that were drawn, of these none twice with the same text. */
  public List<Document> documents() {
    List<Document> all = new ArrayList<>(named);
    Set<String> texts = new HashSet<>();
    named.forEach(document -> texts.add(document.text()));
    drawn.stream().filter(document -> texts.add(document.text())).forEach(all::add);
    return all;
  }
}
