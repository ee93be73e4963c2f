package org.semlux.encoders.text;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is made of a text a piece at a time, so that others can be served between: each call reads a
 * piece, in some tens of milliseconds, and is empty until all is read that matters. It is not
 * called again after that. For one thread at a time.
 *
 * {@snippet lang=java :
 * Reading<Integer> length = Reading.later(() -> Reading.done("a text").map(String::length));
 * length.get(); // of a long text empty, until the last piece is read
 * length.all(); // 6: reads piece after piece to the end
 * }
 */
@FunctionalInterface
public interface Reading<T> extends Supplier<Optional<T>> {
  /** What is known already. */
  static <T> Reading<T> done(T value) {
    Optional<T> known = Optional.of(value);
    return () -> known;
  }

  /** One that begins when its turn comes, and holds nothing before. */
  static <T> Reading<T> later(Supplier<? extends Supplier<Optional<T>>> begin) {
    return new Reading<>() {
      private Supplier<Optional<T>> begun;

      @Override
      public Optional<T> get() {
        if (begun == null) {
          begun = begin.get();
        }
        return begun.get();
      }
    };
  }

  default <U> Reading<U> map(Function<? super T, ? extends U> change) {
    return () -> get().map(change);
  }

  /** Reads on with what the first reading tells to. */
  default <U> Reading<U> then(Function<? super T, Reading<U>> next) {
    Reading<T> first = this;
    return new Reading<>() {
      private Reading<U> second;

      @Override
      public Optional<U> get() {
        if (second != null) {
          return second.get();
        }
        second = first.get().map(next).orElse(null);
        return Optional.empty();
      }
    };
  }

  /** Reads to the end. */
  default T all() {
    while (true) {
      Optional<T> value = get();
      if (value.isPresent()) {
        return value.get();
      }
    }
  }
}
