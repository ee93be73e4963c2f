package org.semlux.training.hub;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The way of one file: into a part beside, which grows over as many connections as it takes, then
 * checked, then to its place. So what is at its place is whole.
 */
final class FileDownload {
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final HubClient client;
  private final HubModel model;
  private final HubFile file;
  private final Path target;
  private final Path part;
  private final LongConsumer received;
  private Optional<Checksum> checksum;

  /**
   * @param target where it shall be
   * @param part named after the content, where that is known
   * @param received is told bytes as they come, those of earlier runs first; negative numbers take
   *     back what has to come again
   */
  FileDownload(
      HubClient client,
      HubModel model,
      HubFile file,
      Path target,
      Path part,
      LongConsumer received) {
    this.client = client;
    this.model = model;
    this.file = file;
    this.target = target;
    this.part = part;
    this.received = received;
    this.checksum = file.checksum();
  }

  void run() throws IOException {
    if (isDone()) {
      received.accept(Files.size(target));
      return;
    }
    if (checksum.isEmpty()) {
      Files.deleteIfExists(part); // Nothing tells whether it began the same content.
    }
    received.accept(partSize());
    client.retrying(
        this::partSize,
        () -> {
          fetch();
          return null;
        });
    check();
    Files.createDirectories(target.getParent());
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whether an earlier run has brought it. */
  private boolean isDone() throws IOException {
    return checksum.isPresent() && Files.isRegularFile(target) && checksum.get().matches(target);
  }

  private long partSize() {
    return part.toFile().length();
  }

  private void fetch() throws IOException {
    long from = partSize();
    if (from > 0 && from == file.size()) {
      return; // It was stopped between the last byte and the check.
    }
    try (HubAnswer answer = client.get(model.content(client.endpoint(), file.path()), from)) {
      checksum = checksum.or(answer::checksum);
      if (answer.start() == from) {
        append(answer, from);
      } else {
        restart();
        if (answer.start() != 0) {
          throw new PassingException(
              answer.host() + " sends another range than it was asked for", Optional.empty());
        }
        append(answer, 0);
      }
    } catch (HubException e) {
      if (e.status() == NOT_FOUND) {
        throw new IOException(
            "the hub lists %s of %s and does not have it: try again later"
                .formatted(file.path(), model),
            e);
      }
      if (e.status() != RANGE_NOT_SATISFIABLE) {
        throw e;
      }
      restart();
      throw new PassingException("what had come of " + file.path() + " does not fit", e);
    }
  }

  /** Throws away what has come. */
  private void restart() throws IOException {
    received.accept(-partSize());
    Files.deleteIfExists(part);
  }

  private void append(HubAnswer answer, long from) throws IOException {
    long size =
        file.size() == HubFile.UNKNOWN && answer.length() != HubFile.UNKNOWN
            ? from + answer.length()
            : file.size();
    long end = from + answer.length();
    // A server may send less of a range than was asked for, but not less of a whole file.
    if (answer.length() != HubFile.UNKNOWN && (end > size || (from == 0 && end < size))) {
      throw new IOException(
          "%s sends %s bytes of %s of %s where the hub lists %s: run the command again"
              .formatted(answer.host(), end, file.path(), model, size));
    }
    long at = from;
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out =
        Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int read = answer.read(buffer); read >= 0; read = answer.read(buffer)) {
        out.write(buffer, 0, read);
        at += read;
        received.accept(read);
        if (size != HubFile.UNKNOWN && at > size) {
          break;
        }
      }
    }
    if (size != HubFile.UNKNOWN && at > size) {
      throw damaged("it is longer than the " + size + " bytes that the hub lists");
    }
    if (at < size) {
      throw new PassingException(
          "%s stopped after %s of %s bytes of %s".formatted(answer.host(), at, size, file.path()),
          Optional.empty());
    }
  }

  private void check() throws IOException {
    if (checksum.isPresent()) {
      Checksum found = Checksum.of(checksum.get().kind(), part);
      if (!found.equals(checksum.get())) {
        throw damaged("its " + found + " should be " + checksum.get().hex());
      }
    }
  }

  private IOException damaged(String how) throws IOException {
    Files.delete(part);
    return new IOException(
        "%s of %s came damaged and was deleted, %s: run the command again"
            .formatted(file.path(), model, how));
  }
}
