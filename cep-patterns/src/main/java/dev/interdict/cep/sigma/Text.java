package dev.interdict.cep.sigma;

import static dev.interdict.cep.index.Glob.ONE;
import static dev.interdict.cep.index.Glob.STAR;

import dev.interdict.cep.index.Glob;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A value with wildcards on its way through the modifiers: bytes and the tokens of a Glob. */
record Text(int[] tokens) {
  static final Set<String> MODIFIERS =
      Set.of(
          "contains",
          "startswith",
          "endswith",
          "windash",
          "base64",
          "base64offset",
          "utf16le",
          "utf16be",
          "utf16",
          "expand");

  private static final Pattern DASH = Pattern.compile("\\B[-/]\\b");
  private static final Pattern PLACEHOLDER = Pattern.compile("(?<!\\\\)%([^%\\s]+)%");
  private static final String[] DASHES = {"-", "/", "\u2013", "\u2014", "\u2015"};
  private static final int MAX_DASHES = 4;
  private static final int MAX_EXPANDED = 10_000;

  /** A lone asterisk stands for any value, which is another thing than no value. */
  private static final Text ANYTHING = new Text(new int[] {ONE, STAR});

  /** The value after the modifiers, in the order in which they are written. */
  static List<Text> transform(Yaml yaml, Set<String> modifiers, Placeholders placeholders) {
    List<String> written = List.of(yaml.text());
    boolean encoded = false;
    for (String modifier : modifiers) {
      if (modifier.equals("windash") || modifier.equals("expand")) {
        if (encoded) {
          throw yaml.problem("modifier " + modifier + " must come before those that encode");
        }
        written = modifier.equals("expand") ? expand(written, placeholders) : dashes(written, yaml);
      }
      encoded |= modifier.startsWith("base64") || modifier.startsWith("utf16");
    }
    List<Text> texts = written.stream().map(Text::parse).toList();
    for (String modifier : modifiers) {
      if (!Set.of("cased", "windash", "expand").contains(modifier)) {
        texts = texts.stream().flatMap(text -> text.modified(modifier, yaml).stream()).toList();
      }
    }
    if (texts.size() > MAX_EXPANDED) {
      throw yaml.problem("the value stands for " + texts.size() + " limit=" + MAX_EXPANDED);
    }
    return texts;
  }

  /** Reads wildcards and their escapes. */
  static Text parse(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    int n = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '\\' && i + 1 < bytes.length && "\\*?".indexOf(bytes[i + 1]) >= 0) {
        tokens[n++] = bytes[++i];
      } else if (b == '*') {
        tokens[n++] = STAR;
      } else if (b == '?') {
        tokens[n++] = ONE;
      } else {
        tokens[n++] = b & 0xff;
      }
    }
    return n == 1 && tokens[0] == STAR ? ANYTHING : new Text(Arrays.copyOf(tokens, n));
  }

  private List<Text> modified(String modifier, Yaml yaml) {
    return switch (modifier) {
      case "contains" -> List.of(open(true, true));
      case "startswith" -> List.of(open(false, true));
      case "endswith" -> List.of(open(true, false));
      case "base64" -> List.of(literal(Base64.getEncoder().encode(plain(yaml, modifier))));
      case "base64offset" -> offsets(plain(yaml, modifier));
      case "utf16le" -> List.of(encoded(StandardCharsets.UTF_16LE, new byte[0]));
      case "utf16be" -> List.of(encoded(StandardCharsets.UTF_16BE, new byte[0]));
      default -> List.of(encoded(StandardCharsets.UTF_16LE, new byte[] {(byte) 0xff, (byte) 0xfe}));
    };
  }

  private Text open(boolean start, boolean end) {
    int[] opened = new int[tokens.length + 2];
    int n = 0;
    if (start) {
      opened[n++] = STAR;
    }
    for (int token : tokens) {
      opened[n++] = token;
    }
    if (end) {
      opened[n++] = STAR;
    }
    return new Text(Arrays.copyOf(opened, n));
  }

  private static Text literal(byte[] bytes) {
    return new Text(Glob.tokens(bytes));
  }

  private byte[] plain(Yaml yaml, String modifier) {
    byte[] bytes = new byte[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0) {
        throw yaml.problem("modifier " + modifier + " cannot encode a wildcard");
      }
      bytes[i] = (byte) tokens[i];
    }
    return bytes;
  }

  /** The part of the encoding that does not depend on what stands before and after. */
  private static List<Text> offsets(byte[] plain) {
    int[] starts = {0, 2, 3};
    int[] ends = {0, 3, 2};
    List<Text> texts = new ArrayList<>();
    for (int shift = 0; shift < 3; shift++) {
      byte[] shifted = new byte[shift + plain.length];
      Arrays.fill(shifted, 0, shift, (byte) ' ');
      System.arraycopy(plain, 0, shifted, shift, plain.length);
      byte[] encoded = Base64.getEncoder().encode(shifted);
      int end = encoded.length - ends[shifted.length % 3];
      texts.add(literal(Arrays.copyOfRange(encoded, starts[shift], Math.max(starts[shift], end))));
    }
    return texts;
  }

  private Text encoded(Charset charset, byte[] mark) {
    List<Integer> out = new ArrayList<>();
    for (byte b : mark) {
      out.add(b & 0xff);
    }
    byte[] run = new byte[tokens.length];
    int n = 0;
    for (int i = 0; i <= tokens.length; i++) {
      if (i < tokens.length && tokens[i] >= 0) {
        run[n++] = (byte) tokens[i];
        continue;
      }
      for (byte b : new String(run, 0, n, StandardCharsets.UTF_8).getBytes(charset)) {
        out.add(b & 0xff);
      }
      n = 0;
      if (i < tokens.length) {
        out.add(tokens[i]);
      }
    }
    return new Text(out.stream().mapToInt(Integer::intValue).toArray());
  }

  private static List<String> dashes(List<String> values, Yaml yaml) {
    List<String> all = new ArrayList<>();
    for (String value : values) {
      long count = DASH.matcher(value).results().count();
      if (count > MAX_DASHES) {
        throw yaml.problem("windash: dashes=" + count + " limit=" + MAX_DASHES);
      }
      all.addAll(replaced(List.of(value), DASH, match -> Arrays.asList(DASHES)));
    }
    return all;
  }

  private static List<String> expand(List<String> values, Placeholders placeholders) {
    List<String> expanded = new ArrayList<>();
    for (String value : values) {
      expanded.addAll(
          replaced(List.of(value), PLACEHOLDER, match -> placeholders.of(match.group(1))));
    }
    UnaryOperator<String> unescape = value -> value.replace("\\%", "%");
    return expanded.stream().map(unescape).toList();
  }

  /** Every combination of replacements. */
  private static List<String> replaced(
      List<String> values,
      Pattern pattern,
      java.util.function.Function<Matcher, List<String>> replacements) {
    List<String> done = new ArrayList<>();
    for (String value : values) {
      Matcher matcher = pattern.matcher(value);
      List<String> heads = List.of("");
      int from = 0;
      while (matcher.find()) {
        List<String> longer = new ArrayList<>();
        for (String head : heads) {
          for (String replacement : replacements.apply(matcher)) {
            longer.add(head + value.substring(from, matcher.start()) + replacement);
          }
        }
        if (longer.size() > MAX_EXPANDED) {
          throw new RefusedException(
              "the value stands for " + longer.size() + " limit=" + MAX_EXPANDED);
        }
        heads = longer;
        from = matcher.end();
      }
      for (String head : heads) {
        done.add(head + value.substring(from));
      }
    }
    return done;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Text text && Arrays.equals(tokens, text.tokens);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(tokens);
  }
}
