package org.semlux.training.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.semlux.training.folder.Adapters;
import org.semlux.training.folder.FileErrors;
import org.semlux.training.folder.ModelCheck;
import org.semlux.training.folder.StagedFolder;

/**
 * Brings a model from a hub into a folder, which appears whole or not at all. After an error or an
 * end of the process at any time, a second download into the same folder goes on with what has
 * come. For one thread.
 *
 * {@snippet lang=java :
 * HubModel model = new HubModel("sentence-transformers/all-MiniLM-L6-v2", "main");
 * var request = new ModelDownload.Request(model, Path.of("model"), false, true);
 * HubOptions options = HubOptions.of(System.getenv());
 * try (ModelDownload download = ModelDownload.prepare(request, options, System.err::println)) {
 *   download.run(received -> System.out.println(received + " of " + download.bytes() + " bytes"));
 * }
 * }
 */
public final class ModelDownload implements AutoCloseable {
  private final HubClient client;
  private final HubModel model;
  private final PartialFolder partial;
  private final boolean overwrite;
  private final List<HubFile> files;

  private ModelDownload(
      HubClient client,
      HubModel model,
      PartialFolder partial,
      boolean overwrite,
      List<HubFile> files) {
    this.client = client;
    this.model = model;
    this.partial = partial;
    this.overwrite = overwrite;
    this.files = files;
  }

  /** What shall lie where. */
  public record Request(HubModel model, Path output, boolean overwrite, boolean modelCard) {}

  /**
   * Asks the hub for the model's files and chooses those that are needed.
   *
   * @param notices is told why a request is tried again, and which weights and adapters are left
   *     out
   * @throws IOException when the output is taken, the hub refuses, or what it has is no usable
   *     model
   */
  public static ModelDownload prepare(Request request, HubOptions options, Consumer<String> notices)
      throws IOException {
    StagedFolder.requireReplaceable(request.output, request.overwrite);
    HubModel model = request.model;
    HubClient client = new HubClient(options, model, notices);
    try {
      HubListing listing = new HubListing(client, model);
      List<HubFile> listed = listing.files();
      NeededFiles needed = new NeededFiles(model, listed, listing::shards);
      List<HubFile> files = needed.choose(listing.modules(listed), request.modelCard);
      needed.leftOut().ifPresent(notices);
      Adapters.leftOut(listed.stream().map(HubFile::path).toList()).ifPresent(notices);
      PartialFolder partial = PartialFolder.open(request.output, notices);
      return new ModelDownload(client, model, partial, request.overwrite, files);
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** How many files the model needs. */
  public int files() {
    return files.size();
  }

  /** Bytes of these files together; negative when the hub doesn't tell. */
  public long bytes() {
    boolean known = files.stream().noneMatch(file -> file.size() == HubFile.UNKNOWN);
    return known ? files.stream().mapToLong(HubFile::size).sum() : HubFile.UNKNOWN;
  }

  /**
   * Fetches the files, settings before weights, checks them, and puts the folder in its place.
   *
   * @param received is told bytes as they come; negative numbers take back what has to come again
   * @throws IOException when a file cannot be had or is damaged
   * @throws org.semlux.encoders.api.ModelException when no encoder is made of such a model
   */
  public void run(LongConsumer received) throws IOException {
    partial.retain(files);
    fetch(file -> !file.isSafetensors(), received);
    check(ModelCheck::ofSettings); // What no node loads is said before gigabytes come.
    fetch(HubFile::isSafetensors, received);
    check(ModelCheck::of);
    partial.install(overwrite);
  }

  private void fetch(Predicate<HubFile> which, LongConsumer received) throws IOException {
    for (HubFile file : files) {
      if (which.test(file)) {
        Path target = partial.model().resolve(file.path());
        new FileDownload(client, model, file, target, partial.part(file), received).run();
      }
    }
  }

  private interface Check {
    void of(Path folder) throws IOException;
  }

  /** What came as the hub has it and is no good will be no better next time: it is not kept. */
  private void check(Check check) throws IOException {
    try {
      check.of(partial.model());
    } catch (IOException e) {
      partial.delete();
      throw new IOException(model + " is no usable model: " + FileErrors.describe(e), e);
    } catch (RuntimeException e) {
      partial.delete();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    partial.close();
  }
}
