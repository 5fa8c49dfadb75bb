package dev.vmctl.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Reads a {@link JsonTemplate}. */
final class JsonTemplateParser {
  private static final Pattern NAME = Pattern.compile("[\\p{Alnum}_-]+");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}");
  private static final Pattern OPERATOR = Pattern.compile("==|!=|<=|>=|<|>");
  private static final Pattern BARE = Pattern.compile("[^)\\s]+");
  private static final Pattern RANGE = Pattern.compile("range\\s+");
  private static final Pattern BLANK = Pattern.compile("\\s+");

  private final String text;
  private int at;

  private JsonTemplateParser(String text) {
    this.text = text;
  }

  /**
   * A template; without any brace, a path.
   *
   * @throws TypeConversionException saying what is wrong where
   */
  static JsonTemplate parse(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException("jsonpath= needs a template, such as jsonpath='{.name}'");
    }
    JsonTemplateParser parser =
        new JsonTemplateParser(text.indexOf('{') < 0 ? '{' + text + '}' : text);
    JsonTemplate template = parser.template(false);
    if (parser.at < parser.text.length()) {
      throw parser.wrong("{end} without {range}");
    }
    return template;
  }

  private JsonTemplate template(boolean inRange) {
    List<JsonTemplate.Part> parts = new ArrayList<>();
    while (at < text.length()) {
      if (text.startsWith("{end}", at)) {
        if (inRange) {
          at += "{end}".length();
        }
        return new JsonTemplate(parts);
      }
      int brace = text.indexOf('{', at);
      if (brace != at) {
        int end = brace < 0 ? text.length() : brace;
        parts.add(new JsonTemplate.Text(text.substring(at, end)));
        at = end;
      } else {
        at++;
        parts.add(braced());
      }
    }
    if (inRange) {
      throw wrong("{range} without {end}");
    }
    return new JsonTemplate(parts);
  }

  private JsonTemplate.Part braced() {
    matches(BLANK);
    if (at < text.length() && (peek() == '"' || peek() == '\'')) {
      JsonTemplate.Text literal = new JsonTemplate.Text(quoted());
      expect("}");
      return literal;
    }
    if (matches(RANGE).isPresent()) {
      JsonPath path = path();
      expect("}");
      return new JsonTemplate.Range(path, template(true));
    }
    JsonPath path = path();
    expect("}");
    return new JsonTemplate.Values(path);
  }

  private JsonPath path() {
    if (at < text.length() && (peek() == '$' || peek() == '@')) {
      at++;
    }
    List<JsonPath.Step> steps = new ArrayList<>();
    while (at < text.length()) {
      if (take("..")) {
        steps.add(new JsonPath.Descend());
        if (peek() != '[') {
          steps.add(member());
        }
      } else if (take(".")) {
        // A single dot is the value itself.
        if (at < text.length()
            && (peek() == '*' || NAME.matcher(text).region(at, text.length()).lookingAt())) {
          steps.add(member());
        }
      } else if (take("[")) {
        steps.add(bracketed());
      } else {
        break;
      }
    }
    matches(BLANK);
    return new JsonPath(steps);
  }

  private JsonPath.Step member() {
    if (take("*")) {
      return new JsonPath.Every();
    }
    return new JsonPath.Member(matches(NAME).orElseThrow(() -> wrong("a field's name is missing")));
  }

  private JsonPath.Step bracketed() {
    JsonPath.Step step;
    if (take("*")) {
      step = new JsonPath.Every();
    } else if (take("?(")) {
      step = filter();
    } else if (at < text.length() && (peek() == '"' || peek() == '\'')) {
      step = new JsonPath.Member(quoted());
    } else {
      Optional<Integer> from = matches(NUMBER).map(Integer::valueOf);
      if (take(":")) {
        step = new JsonPath.Slice(from, matches(NUMBER).map(Integer::valueOf));
      } else {
        step =
            new JsonPath.Index(from.orElseThrow(() -> wrong("a number, '*' or a name is missing")));
      }
    }
    expect("]");
    return step;
  }

  private JsonPath.Filter filter() {
    matches(BLANK);
    JsonPath path = path();
    String operator = matches(OPERATOR).orElse("");
    String operand = "";
    if (!operator.isEmpty()) {
      matches(BLANK);
      operand =
          at < text.length() && (peek() == '"' || peek() == '\'')
              ? quoted()
              : matches(BARE).orElseThrow(() -> wrong("a value to compare with is missing"));
      matches(BLANK);
    }
    expect(")");
    return new JsonPath.Filter(path, operator, operand);
  }

  private String quoted() {
    char quote = peek();
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length() && peek() != quote; at++) {
      if (peek() == '\\' && at + 1 < text.length()) {
        at++;
        value.append(
            switch (peek()) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              default -> peek();
            });
      } else {
        value.append(peek());
      }
    }
    expect(Character.toString(quote));
    return value.toString();
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong("it ends too early");
    }
    return text.charAt(at);
  }

  private boolean take(String token) {
    boolean there = text.startsWith(token, at);
    at += there ? token.length() : 0;
    return there;
  }

  private void expect(String token) {
    matches(BLANK);
    if (!take(token)) {
      throw wrong("'" + token + "' is missing");
    }
  }

  private Optional<String> matches(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    at = matcher.end();
    return Optional.of(matcher.group());
  }

  private TypeConversionException wrong(String what) {
    return new TypeConversionException(
        "jsonpath '" + text + "' is wrong at character " + (at + 1) + ": " + what);
  }
}
