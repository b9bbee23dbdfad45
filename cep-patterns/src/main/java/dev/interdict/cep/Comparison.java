package dev.interdict.cep;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A comparison of the events of a sequence's steps, in CEL: {@code run.process.uid !=
 * written.process.uid}. Its cost is bounded: no loops but those over an event's lists, regular
 * expressions in linear time. A field that an event lacks is the empty text, 0, false, or an empty
 * list. What cannot be evaluated (a division by zero) does not hold.
 *
 * <p>One thread.
 */
public final class Comparison implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int MAX_LENGTH = 2000;
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(MAX_LENGTH)
          .maxParseRecursionDepth(50)
          .comprehensionMaxIterations(1000)
          .build();
  private static final Pattern LITERAL = Pattern.compile("'[^']*'|\"[^\"]*\"");
  private static final Pattern NAME = Pattern.compile("(?<![\\w.])([a-z]\\w*)((?:\\.[a-z_]\\w*)+)");

  /** A field of a step's event. */
  private record Variable(String step, Field field) implements Serializable {}

  private final String text;
  private final LinkedHashMap<String, Variable> variables;
  private transient CelRuntime.Program program;

  private Comparison(String text, LinkedHashMap<String, Variable> variables) {
    this.text = text;
    this.variables = variables;
    program = compile(text, variables);
  }

  /**
   * @param steps the names by which events may be called
   * @throws IllegalArgumentException with everything that is wrong
   */
  public static Comparison of(String text, Set<String> steps) {
    return new Comparison(text, variables(text, steps));
  }

  private static LinkedHashMap<String, Variable> variables(String text, Set<String> steps) {
    LinkedHashMap<String, Variable> variables = new LinkedHashMap<>();
    Matcher names = NAME.matcher(LITERAL.matcher(text).replaceAll("''"));
    while (names.find()) {
      String step = names.group(1);
      if (steps.contains(step)) {
        String dotted = names.group(2).substring(1);
        // What follows the field's name is a function of CEL: run.process.args.exists(...).
        String field = dotted;
        while (Field.byName(field) == null && field.indexOf('.') > 0) {
          field = field.substring(0, field.lastIndexOf('.'));
        }
        if (Field.byName(field) == null) {
          throw new IllegalArgumentException("unknown field " + dotted + " of step " + step);
        }
        variables.put(step + "." + field, new Variable(step, Field.byName(field)));
      }
    }
    return variables;
  }

  private static CelRuntime.Program compile(String text, Map<String, Variable> variables) {
    CelCompilerBuilder compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .addLibraries(CelExtensions.strings())
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setResultType(SimpleType.BOOL);
    variables.forEach((name, variable) -> compiler.addVar(name, type(variable.field)));
    CelValidationResult result = compiler.build().compile(text);
    if (result.hasError()) {
      throw new IllegalArgumentException(
          result.getErrors().stream()
              .map(CelIssue::getMessage)
              .distinct()
              .collect(Collectors.joining("; ")));
    }
    try {
      CelAbstractSyntaxTree ast = result.getAst();
      return CelRuntimeFactory.standardCelRuntimeBuilder()
          .setOptions(OPTIONS)
          .addLibraries(CelExtensions.strings())
          .build()
          .createProgram(ast);
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static CelType type(Field field) {
    return switch (field.type()) {
      case STRING -> SimpleType.STRING;
      case LONG -> SimpleType.INT;
      case BOOL -> SimpleType.BOOL;
      case STRINGS -> ListType.create(SimpleType.STRING);
      case LONGS -> ListType.create(SimpleType.INT);
    };
  }

  /**
   * @param events the serialized Event that met the step of a name
   */
  public boolean holds(Function<String, byte[]> events) {
    if (program == null) {
      program = compile(text, variables);
    }
    try {
      return program.eval(name -> value(name, events)) instanceof Boolean holds && holds;
    } catch (CelEvaluationException e) {
      return false;
    }
  }

  private Optional<Object> value(String name, Function<String, byte[]> events) {
    Variable variable = variables.get(name);
    if (variable == null) {
      return Optional.empty();
    }
    byte[] event = events.apply(variable.step);
    Field field = variable.field;
    EventView view = event == null ? null : new EventView().wrap(event, 0, event.length);
    return Optional.of(
        switch (field.type()) {
          case STRING -> {
            String value = view == null ? null : view.string(field);
            yield value == null ? "" : value;
          }
          case LONG -> view == null ? 0L : view.number(field);
          case BOOL -> view != null && view.flag(field);
          case STRINGS -> view == null ? List.of() : view.strings(field);
          case LONGS -> {
            List<Long> values = new ArrayList<>();
            for (long value : view == null ? new long[0] : view.longs(field)) {
              values.add(value);
            }
            yield values;
          }
        });
  }

  /** The steps that it looks at. */
  public Set<String> steps() {
    return variables.values().stream().map(Variable::step).collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return text;
  }
}
