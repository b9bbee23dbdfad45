package dev.interdict.response;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What a step of a policy may be given.
 *
 * @param read the value that the step says, or its default; refuses what is not allowed
 */
record Parameter(String name, Function<YamlMap, String> read) {

  /** As ISO 8601, which {@link Duration#parse} reads. */
  static Parameter duration(String name, Duration otherwise, Duration least, Duration most) {
    return new Parameter(name, map -> map.duration(name, otherwise, least, most).toString());
  }

  static Parameter choice(String name, String otherwise, String... choices) {
    List<String> known = List.of(choices);
    return new Parameter(
        name,
        map -> {
          String value = map.text(name, otherwise);
          if (!known.contains(value)) {
            throw map.invalid(name, String.join(" or ", known));
          }
          return value;
        });
  }

  static Parameter flag(String name) {
    return new Parameter(name, map -> Boolean.toString(map.flag(name, false)));
  }

  /**
   * @param otherwise null: it must be given
   * @param expected in words
   */
  static Parameter text(String name, String otherwise, Pattern pattern, String expected) {
    return new Parameter(
        name,
        map -> {
          String value = otherwise == null ? map.required(name) : map.text(name, otherwise);
          if (!value.equals(otherwise) && !pattern.matcher(value).matches()) {
            throw map.invalid(name, expected);
          }
          return value;
        });
  }
}
