package org.semlux.encoders.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.TextSpan;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * Pairs in a chat template, as messages of the roles query and document behind a system message
 * that holds the model's prompt. Where a text is cut, what the template ends with is put back: the
 * model reads its answer there.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("qwen3-reranker"));
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   PairReader pairs = PairReader.of(folder, tokenizer); // one of these: it has a chat template
 *   Tokens tokens = pairs.tokenize("Who plays?", "A man plays a flute.");
 * }
 * }
 */
public final class ChatPairs implements PairReader {
  static final String MESSAGE = "message";

  private static final String FLAT = "flat";

  private final String model;
  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final String prompt;
  private final int[] ending;
  private final int fixed;

  private ChatPairs(String model, Tokenizer tokenizer, ChatTemplate template, String prompt) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.template = template;
    this.prompt = prompt;
    if (!prompt.isEmpty() && render("0", "0").equals(render(prompt + "0", "0", "0"))) {
      throw ModelException.of(
          model,
          "its chat template leaves out the system message, so the prompt [%s] would change nothing: give none"
              .formatted(ModelException.brief(prompt)));
    }
    int[] shorter = all(render("0", "0"));
    int[] longer = all(render("1 2 3 4", "1 2 3 4"));
    this.ending = ending(shorter, longer);
    this.fixed = all(render("", "")).length;
    if (fixed + 2 > tokenizer.maxTokens()) {
      throw ModelException.of(
          model,
          "its chat template takes %s tokens, it reads %s: no room for texts"
              .formatted(fixed, tokenizer.maxTokens()));
    }
  }

  @Override
  public ChatPairs behind(String other) {
    return new ChatPairs(model, tokenizer, template, other);
  }

  /** Whether a folder's network is asked by messages. */
  static boolean isIn(ModelFolder folder) throws IOException {
    return inputs(folder).filter(inputs -> inputs.has(MESSAGE)).isPresent();
  }

  /**
   * Refuses a folder that no {@code modules.json} says more of, where the reference asks by
   * messages if there is a chat template, and by texts otherwise.
   *
   * @throws ModelException when there is one
   */
  public static void refuseTemplate(ModelFolder folder) throws IOException {
    List<String> templates = folder.isPlain() ? templates(folder).places() : List.of();
    if (!templates.isEmpty()) {
      boolean pairs = folder.kind() == EncoderKind.CROSS;
      String reranker =
          pairs
              ? ""
              : "a reranker that answers yes or no needs semlux import --task cross-encoder; ";
      throw ModelException.of(
          folder.name(),
          "it has a chat template and no modules.json, so it is asked by messages, which is not %s: %sto have texts read as they are, take the template away (%s), or save it with sentence-transformers"
              .formatted(pairs ? "trained" : "supported", reranker, String.join(", ", templates)));
    }
  }

  private static ChatTemplates templates(ModelFolder folder) throws IOException {
    return new ChatTemplates(folder.name(), folder.modules().get(0));
  }

  /** How a folder's network is asked, if it says so; a plain reranker's template says it. */
  private static Optional<JsonFile> inputs(ModelFolder folder) throws IOException {
    Module module = folder.modules().get(0);
    if (!folder.isPlain()) {
      return module.config("sentence_bert_config.json").getObject("modality_config");
    }
    if (folder.kind() != EncoderKind.CROSS || templates(folder).places().isEmpty()) {
      return Optional.empty();
    }
    JsonObject inputs = new JsonObject();
    inputs.add(MESSAGE, new JsonObject());
    return Optional.of(new JsonFile(module.folder(), inputs));
  }

  /**
   * How the reference gives messages to a folder's chat template, {@code flat} or {@code
   * structured}, where no file says it; empty without a template.
   */
  public static Optional<String> format(ModelFolder folder) throws IOException {
    ChatTemplates templates = templates(folder);
    return templates.places().isEmpty() ? Optional.empty() : Optional.of(templates.format());
  }

  /**
   * Reads a folder's template.
   *
   * @throws ModelException when there is none, it holds what is not known, or not both texts
   */
  static ChatPairs of(ModelFolder folder, Tokenizer tokenizer, String prompt) throws IOException {
    ChatTemplates templates = templates(folder);
    String source = templates.source();
    String taken = templates.format();
    String said = inputs(folder).orElseThrow().requireObject(MESSAGE).getString("format", "auto");
    String format = said.equals("auto") ? taken : said;
    if (!format.equals(FLAT)) {
      throw ModelException.of(
          folder.name(),
          "its messages are [%s], only flat ones are supported: %s"
              .formatted(
                  ModelException.brief(format),
                  taken.equals(FLAT) ? "say so in its [modality_config]" : templates.remedy()));
    }
    ChatTemplate template = ChatTemplate.of(folder.name(), source);
    ChatPairs pairs = new ChatPairs(folder.name(), tokenizer, template, prompt);
    if (pairs.render("0", "").equals(pairs.render("1", ""))
        || pairs.render("", "0").equals(pairs.render("", "1"))) {
      throw ModelException.of(
          folder.name(),
          "its chat template leaves out the message of the query or the document: "
              + ChatTemplate.REMEDY);
    }
    return pairs;
  }

  private String render(String query, String document) {
    return render(prompt, query, document);
  }

  private String render(String system, String query, String document) {
    Map<String, String> contents = new HashMap<>(Map.of("query", query, "document", document));
    if (!system.isEmpty()) {
      contents.put("system", system);
    }
    return template.render(contents);
  }

  private int[] all(String text) {
    return tokenizer.ids(text, Integer.MAX_VALUE);
  }

  /** What both end with; nothing where one is all of the other. */
  private static int[] ending(int[] a, int[] b) {
    int least = Math.min(a.length, b.length);
    int same = 0;
    while (same < least && a[a.length - 1 - same] == b[b.length - 1 - same]) {
      same++;
    }
    return same == least ? new int[0] : Arrays.copyOfRange(a, a.length - same, a.length);
  }

  @Override
  public Reading<Tokens> reading(String query, String document) {
    int most = tokenizer.maxTokens();
    return tokenizer.readingIds(render(query, document), most).map(ids -> ended(ids, most));
  }

  /** A text of full length may have been cut. */
  private Tokens ended(int[] ids, int most) {
    if (ids.length < most) {
      return Tokens.of(ids);
    }
    int[] ended = ids.clone();
    System.arraycopy(ending, 0, ended, ended.length - ending.length, ending.length);
    return Tokens.of(ended);
  }

  @Override
  public Reading<List<Tokens>> readingWindows(String query, String document) {
    int most = tokenizer.maxTokens();
    return tokenizer
        .readingIds(query, most)
        .then(
            ids -> {
              int room = most - fixed - ids.length;
              return room < most / 4
                  ? reading(query, document).map(List::of)
                  : tokenizer
                      .readingPlaces(document, Math.multiplyExact(TextPairs.MAX_WINDOWS, room))
                      .map(places -> windows(query, document, places.starts(), room));
            });
  }

  private List<Tokens> windows(String query, String document, int[] starts, int room) {
    if (starts.length <= room) {
      return List.of(reading(query, document).all());
    }
    List<Tokens> windows = new ArrayList<>();
    for (TextSpan span : TextWindows.spans(document, starts, room)) {
      windows.add(reading(query, span.of(document)).all().withSpan(span));
    }
    return windows;
  }
}
