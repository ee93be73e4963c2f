package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.RowModel;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * A bi-encoder: one vector a text. Loaded from a model folder, thread-safe.
 *
 * {@snippet lang=java :
 * try (DenseEncoder encoder =
 *     DenseEncoder.load(Path.of("all-MiniLM-L6-v2"), EncoderOptions.defaults())) {
 *   List<DenseVector> vectors = encoder.encode(List.of("Who plays?"), InputType.QUERY);
 *   float[] question = vectors.get(0).values(); // encoder.info().dimensions() numbers, here 384
 * }
 * }
 */
public final class DenseEncoder extends RowEncoder implements TextEncoder<DenseVector> {
  private final Prompts prompts;
  private final boolean poolsPrompt;

  private DenseEncoder(RowModel model, DenseHead head, Prompts prompts) {
    super(model, model.info(EncoderKind.DENSE, head.dimensions(), List.of()));
    this.prompts = prompts;
    this.poolsPrompt = head.pooling().includePrompt();
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static DenseEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Network network = Networks.of(folder);
    DenseHead head = DenseHead.of(folder, network);
    Prompts prompts = Prompts.of(folder);
    RowModel model =
        RowModel.load(
            folder,
            network,
            head,
            tokens -> head.dimensions(),
            tokenizer -> tokenizer::tokenize,
            options);
    return new DenseEncoder(model, head, prompts);
  }

  @Override
  public CompletableFuture<List<DenseVector>> submit(EncodeRequest request) {
    try {
      String prompt = prompts.resolve(request);
      Tokenizer tokenizer = model.tokenizer().of(request.inputType());
      return model
          .queue()
          .submit(
              request,
              text -> reading(tokenizer, prompt, text),
              row -> new DenseVector(model.finite(row)));
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Supplier<Optional<Tokens>> reading(Tokenizer tokenizer, String prompt, String text) {
    if (prompt.isEmpty()) {
      return tokenizer.reading(text);
    }
    Supplier<Optional<Tokens>> reading = tokenizer.reading(prompt + text);
    return poolsPrompt
        ? reading
        : () -> reading.get().map(tokens -> tokens.withPrompt(tokenizer.prefixLength(prompt)));
  }

  @Override
  public TokenStarts tokenStarts(String text, InputType type, int enough) {
    String prompt = prompts.ofSide(type);
    Tokenizer tokenizer = model.tokenizer().of(Optional.of(type));
    return model.queue().tokenStarts(tokenizer, prompt, text, enough);
  }

  @Override
  public List<DenseVector> encodeAll(EncodeRequest request) {
    return model
        .queue()
        .inSlices(request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
  }
}
