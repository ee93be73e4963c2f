package org.semlux.plugin.model;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.core.IOUtils;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.Sha256;

/**
 * This node's copies of model folders: {@code <root>/<generation>/<id>/}, so that a folder bears
 * the name that users know. A copy is fetched under {@code <generation>.partial} and loses that
 * ending once every file has the size and sha256 of the manifest. Different models may be verified
 * by several threads at once; methods read disks and wait for the store.
 */
final class ModelCopies {
  private static final Logger LOGGER = LogManager.getLogger(ModelCopies.class);
  private static final TimeValue PART_TIMEOUT = TimeValue.timeValueSeconds(60);
  private static final String PARTIAL = ".partial";

  private final Path root;
  private final ModelStore store;
  private final DiskRoom disk;
  private final Set<Path> sound = ConcurrentHashMap.newKeySet();

  ModelCopies(Path root, ModelStore store) {
    this.root = root;
    this.store = store;
    this.disk = new DiskRoom(root);
  }

  /** Whether a copy is there that only needs to be verified. */
  boolean has(ModelDefinition model) {
    return Files.isDirectory(folder(model));
  }

  /**
   * The folder of a model with every file verified; fetches it when there is none, or when what is
   * there has gone bad.
   *
   * @param wanted asked between parts; once false, the work is given up
   * @throws CancellationException when it was given up
   * @throws ModelException when the parts do not make the files of the manifest
   * @throws IOException when the disk fails or has no room for a copy
   * @throws org.elasticsearch.ElasticsearchException when the store fails; it may be better later
   */
  Path verified(ModelDefinition model, BooleanSupplier wanted) throws IOException {
    Path folder = folder(model);
    if (sound.remove(upload(model)) && has(model)) {
      return folder;
    }
    if (has(model)) {
      try {
        for (ModelFile file : model.manifest().files()) {
          check(model, file, folder.resolve(file.path()));
        }
        return folder;
      } catch (ModelException | IOException e) {
        LOGGER.warn(
            "the copy of model [{}] in {} has gone bad and is fetched anew: {}",
            model.id(),
            folder,
            e.getMessage());
        IOUtils.rm(upload(model));
      }
    }
    fetch(model, wanted);
    return folder;
  }

  /** A copy that was just verified and had no room to be loaded: the next try need not read it. */
  void keepSound(ModelDefinition model) {
    sound.add(upload(model));
  }

  private void fetch(ModelDefinition model, BooleanSupplier wanted) throws IOException {
    Path partial = partial(model);
    IOUtils.rm(partial);
    try (DiskRoom.Reservation room = disk.reserve(model.manifest().size())) {
      write(model, partial, room, wanted);
    } catch (IOException e) {
      // A disk that is full must not stay so because of what is of no use.
      IOUtils.deleteFilesIgnoringExceptions(partial);
      LOGGER.warn("model [{}] cannot be written to {}", model.id(), partial, e);
      throw new IOException(
          "its copy of %s bytes cannot be written to the data folder: %s"
              .formatted(model.manifest().size(), e.getMessage()),
          e);
    }
    Files.move(partial, upload(model), StandardCopyOption.ATOMIC_MOVE);
  }

  private void write(
      ModelDefinition model, Path partial, DiskRoom.Reservation room, BooleanSupplier wanted)
      throws IOException {
    PartReader parts = new PartReader(model, room, wanted);
    for (ModelFile file : model.manifest().files()) {
      Path target = partial.resolve(model.id()).resolve(file.path());
      Files.createDirectories(target.getParent());
      MessageDigest digest = Sha256.newDigest();
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
        parts.copy(file.size(), digest, out);
      }
      try {
        checkHash(model, file, digest);
      } catch (ModelException e) {
        throw new ModelException(e.getMessage() + ": upload the model again", e);
      }
    }
  }

  /** Reads the run of bytes that the parts make. */
  private final class PartReader {
    private final ModelDefinition model;
    private final DiskRoom.Reservation room;
    private final BooleanSupplier wanted;
    private byte[] bytes = new byte[0];
    private int position;
    private int next;

    PartReader(ModelDefinition model, DiskRoom.Reservation room, BooleanSupplier wanted) {
      this.model = model;
      this.room = room;
      this.wanted = wanted;
    }

    void copy(long length, MessageDigest digest, OutputStream out) throws IOException {
      long left = length;
      while (left > 0) {
        if (position == bytes.length) {
          read();
        }
        int count = (int) Math.min(left, bytes.length - position);
        digest.update(bytes, position, count);
        out.write(bytes, position, count);
        room.written(count);
        position += count;
        left -= count;
      }
    }

    private void read() {
      if (!wanted.getAsBoolean()) {
        throw new CancellationException("model [" + model.id() + "] is no longer wanted");
      }
      PlainActionFuture<byte[]> future = new PlainActionFuture<>();
      store.get(model, next, future);
      bytes = future.actionGet(PART_TIMEOUT);
      int expected = model.manifest().partLength(next);
      if (bytes.length != expected) {
        throw ModelException.of(
            model.id(), "part [" + next + "] has " + bytes.length + " bytes, expected " + expected);
      }
      position = 0;
      next++;
    }
  }

  private static void check(ModelDefinition model, ModelFile file, Path path) throws IOException {
    long size = Files.size(path);
    if (size != file.size()) {
      throw ModelException.of(
          model.id(), "file [" + file.path() + "] has " + size + " bytes, expected " + file.size());
    }
    MessageDigest digest = Sha256.newDigest();
    Sha256.update(digest, path, bytes -> {});
    checkHash(model, file, digest);
  }

  private static void checkHash(ModelDefinition model, ModelFile file, MessageDigest digest) {
    String found = Sha256.hex(digest);
    if (!found.equals(file.sha256())) {
      throw ModelException.of(
          model.id(),
          "file ["
              + file.path()
              + "] has sha256 "
              + found
              + ", the manifest says "
              + file.sha256());
    }
  }

  /**
   * Deletes every copy but those of the given uploads, half-fetched ones included.
   *
   * @param fetched may be half there, since they are being fetched now
   */
  void deleteAllBut(Collection<ModelDefinition> known, Collection<ModelDefinition> fetched)
      throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    Set<Path> kept =
        known.stream().map(this::upload).collect(Collectors.toCollection(HashSet::new));
    sound.retainAll(kept);
    fetched.forEach(model -> kept.add(partial(model)));
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(root)) {
      for (Path copy : copies) {
        if (!kept.contains(copy)) {
          IOUtils.rm(copy);
        }
      }
    }
  }

  /** Beside the model's folder, whose name begins with a letter or digit: they never clash. */
  LoadMark mark(ModelDefinition model) {
    return new LoadMark(upload(model).resolve(".loading"));
  }

  /** A message without this node's paths. */
  String withoutPaths(String message) {
    return message.replace(root + root.getFileSystem().getSeparator(), "");
  }

  private Path partial(ModelDefinition model) {
    return root.resolve(model.generation() + PARTIAL);
  }

  private Path upload(ModelDefinition model) {
    return root.resolve(Long.toString(model.generation()));
  }

  private Path folder(ModelDefinition model) {
    return upload(model).resolve(model.id());
  }
}
