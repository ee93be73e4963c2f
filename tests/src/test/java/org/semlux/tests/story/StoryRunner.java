package org.semlux.tests.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.semlux.tests.node.Rest;

/** Does what a story's steps say and checks what they claim of the last answer. */
final class StoryRunner {
  private static final Map<String, Integer> STATUS =
      Map.of(
          "bad_request", 400,
          "missing", 404,
          "conflict", 409,
          "too_many_requests", 429,
          "unavailable", 503);

  private final Rest rest;
  private final Map<String, Object> stash;
  private Rest.Answer last = new Rest.Answer(0, Map.of());

  /**
   * @param stash what {@code $name} stands for at the start; not changed
   */
  StoryRunner(Rest rest, Map<String, Object> stash) {
    this.rest = rest;
    this.stash = new LinkedHashMap<>(stash);
  }

  void run(Story story) {
    for (Map<String, Object> step : story.steps()) {
      step.forEach(
          (kind, content) -> {
            try {
              run(kind, content);
            } catch (AssertionError | RuntimeException e) {
              throw new AssertionError(
                  "at " + kind + ": " + content + "\nafter " + last + "\n" + e.getMessage(), e);
            }
          });
    }
  }

  private void run(String kind, Object content) {
    switch (kind) {
      case "do" -> call(map(content));
      case "is_true" -> assertThat(isTrue(at((String) content))).as("%s", content).isTrue();
      case "is_false" -> assertThat(isTrue(at((String) content))).as("%s", content).isFalse();
      case "set" -> map(content).forEach((path, name) -> stash.put((String) name, at(path)));
      default ->
          map(content)
              .forEach((path, expected) -> check(kind, path, at(path), substitute(expected)));
    }
  }

  private void check(String kind, String path, Object actual, Object expected) {
    switch (kind) {
      case "match" -> match(path, actual, expected);
      case "length" -> assertThat(length(actual)).as(path).isEqualTo(expected);
      case "gt" -> assertThat(number(actual)).as(path).isGreaterThan(number(expected));
      case "gte" -> assertThat(number(actual)).as(path).isGreaterThanOrEqualTo(number(expected));
      case "lt" -> assertThat(number(actual)).as(path).isLessThan(number(expected));
      case "lte" -> assertThat(number(actual)).as(path).isLessThanOrEqualTo(number(expected));
      case "close_to" -> {
        Map<String, Object> bounds = map(expected);
        assertThat(number(actual))
            .as(path)
            .isCloseTo(number(bounds.get("value")), within(number(bounds.get("error"))));
      }
      default -> throw new IllegalArgumentException("no step is called " + kind);
    }
  }

  private void call(Map<String, Object> step) {
    String expected = null;
    for (Map.Entry<String, Object> entry : step.entrySet()) {
      if (entry.getKey().equals("catch")) {
        expected = (String) entry.getValue();
        continue;
      }
      Map<String, Object> arguments = new LinkedHashMap<>();
      if (entry.getValue() != null) {
        arguments.putAll(map(substitute(entry.getValue())));
      }
      Object body = arguments.remove("body");
      ApiSpec.Request request = ApiSpec.of(entry.getKey()).request(arguments, body != null);
      last = rest.call(request.method(), request.path(), payload(request, body));
    }
    checkStatus(expected);
  }

  private static Object payload(ApiSpec.Request request, Object body) {
    if (body == null) {
      return "";
    }
    return request.bodyIsLines() && body instanceof List<?> list ? Rest.lines(list) : body;
  }

  private void checkStatus(String expected) {
    if (expected == null) {
      assertThat(last.status()).as("status").isLessThan(300);
    } else if (expected.startsWith("/")) {
      assertThat(last.status()).as("status").isGreaterThanOrEqualTo(400);
      match("the error", Rest.JSON.toJson(last.body()), expected);
    } else {
      assertThat(last.status()).as("status").isEqualTo(STATUS.get(expected));
    }
  }

  /** A text between slashes is a pattern to be found; numbers are equal when their values are. */
  private static void match(String path, Object actual, Object expected) {
    if (expected instanceof String text && text.matches("(?s)\\s*/.*/\\s*")) {
      String pattern = text.strip().substring(1, text.strip().length() - 1);
      assertThat(String.valueOf(actual)).as(path).containsPattern(Pattern.compile(pattern));
    } else if (expected instanceof Number number && actual instanceof Number) {
      assertThat(number(actual)).as(path).isEqualTo(number.doubleValue());
    } else {
      assertThat(plain(actual)).as(path).isEqualTo(plain(expected));
    }
  }

  /** YAML's whole numbers are Integers, JSON's are Longs. */
  private static Object plain(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> plain = new LinkedHashMap<>();
      map.forEach((name, content) -> plain.put(name, plain(content)));
      return plain;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(StoryRunner::plain).toList();
    }
    return value instanceof Integer number ? Long.valueOf(number) : value;
  }

  private Object at(String path) {
    return path.startsWith("$") && !path.equals("$body")
        ? stash.get(path.substring(1))
        : last.at((String) substitute(path));
  }

  /** Replaces {@code $name}, alone or within a text, by what the stash holds. */
  private Object substitute(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> replaced = new LinkedHashMap<>();
      map.forEach((name, content) -> replaced.put((String) name, substitute(content)));
      return replaced;
    }
    if (value instanceof List<?> list) {
      List<Object> replaced = new ArrayList<>();
      list.forEach(content -> replaced.add(substitute(content)));
      return replaced;
    }
    if (value instanceof String text && text.startsWith("$") && !text.equals("$body")) {
      return Objects.requireNonNull(stash.get(text.substring(1)), () -> text + " was never set");
    }
    if (value instanceof String text && text.contains("${")) {
      return Pattern.compile("\\$\\{(\\w+)}")
          .matcher(text)
          .replaceAll(found -> String.valueOf(stash.get(found.group(1))));
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static double number(Object value) {
    assertThat(value).isInstanceOf(Number.class);
    return ((Number) value).doubleValue();
  }

  private static int length(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    return value instanceof Collection<?> values ? values.size() : String.valueOf(value).length();
  }

  private static boolean isTrue(Object value) {
    return value != null && !List.of("", false, 0L, 0.0).contains(value);
  }
}
