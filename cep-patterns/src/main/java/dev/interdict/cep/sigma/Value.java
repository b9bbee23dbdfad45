package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Expression;
import dev.interdict.cep.index.Glob;
import dev.interdict.cep.index.Present;
import dev.interdict.cep.index.Range;
import dev.interdict.cep.index.SameAs;
import dev.interdict.cep.index.Slot;
import dev.interdict.cep.index.TextTest;
import dev.interdict.schema.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a field is compared with, before it is known where the field stands. */
sealed interface Value {
  /**
   * @throws IllegalArgumentException where the source cannot be compared so
   */
  Expression over(Source source);

  /** Any of some texts: a value may stand for several after its modifiers. */
  record Texts(List<? extends TextTest> tests) implements Value {
    @Override
    public Expression over(Source source) {
      List<Expression> any = new ArrayList<>();
      for (TextTest test : tests) {
        any.add(text(source, test));
      }
      return Expression.or(any);
    }

    private static Expression text(Source source, TextTest test) {
      if (source instanceof Source.InEvent in) {
        return inEvent(in.slot(), test);
      } else if (source instanceof Source.Constant constant) {
        return Expression.constant(matches(test, constant.value()));
      } else if (source instanceof Source.Choice choice) {
        Expression flag = Expression.match(choice.flag(), new Range(1, 1));
        return Expression.or(
            List.of(
                Expression.and(List.of(flag, Expression.constant(matches(test, choice.yes())))),
                Expression.and(
                    List.of(
                        Expression.not(flag), Expression.constant(matches(test, choice.no()))))));
      }
      return Expression.constant(matches(test, ""));
    }

    private static Expression inEvent(Slot slot, TextTest test) {
      Field.Type type = slot.field().type();
      if (type == Field.Type.STRING || type == Field.Type.STRINGS) {
        return Expression.match(slot, test);
      }
      if (type == Field.Type.BOOL) {
        boolean yes = matches(test, "true");
        boolean no = matches(test, "false");
        if (yes == no) {
          if (yes || matches(test, "")) {
            return Expression.constant(yes);
          }
          throw new IllegalArgumentException("is a flag: compare it with true or false");
        }
        return Expression.match(slot, new Range(yes ? 1 : 0, yes ? 1 : 0));
      }
      Long whole = test instanceof Glob glob ? WholeNumbers.of(glob.literal()) : null;
      return Expression.match(slot, whole == null ? test : new Range(whole, whole));
    }

    static boolean matches(TextTest test, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return test.matches(bytes, 0, bytes.length);
    }
  }

  record Numbers(Range range) implements Value {
    @Override
    public Expression over(Source source) {
      if (source instanceof Source.InEvent in) {
        Field.Type type = in.slot().field().type();
        if (type != Field.Type.LONG && type != Field.Type.LONGS) {
          throw new IllegalArgumentException("is not a number: gt, gte, lt, lte need one");
        }
        return Expression.match(in.slot(), range);
      }
      if (source instanceof Source.Constant constant) {
        Long whole = WholeNumbers.of(constant.value());
        return Expression.constant(whole != null && range.contains(whole));
      }
      return Expression.FALSE;
    }
  }

  record Exists(boolean wanted) implements Value {
    @Override
    public Expression over(Source source) {
      Expression exists =
          source instanceof Source.InEvent in
              ? Expression.match(in.slot(), new Present())
              : Expression.constant(!(source instanceof Source.Absent));
      return wanted ? exists : Expression.not(exists);
    }
  }

  record Reference(String field, SameAs.How how, boolean cased) implements Value {
    Value to(Source other) {
      return new Resolved(other, how, cased);
    }

    @Override
    public Expression over(Source source) {
      throw new IllegalStateException("a reference is compared once it is resolved");
    }
  }

  record Resolved(Source other, SameAs.How how, boolean cased) implements Value {
    @Override
    public Expression over(Source source) {
      if (source instanceof Source.InEvent in && other instanceof Source.InEvent to) {
        return Expression.match(in.slot(), new SameAs(to.slot(), how, cased));
      }
      throw new IllegalArgumentException("fieldref needs two fields that events carry");
    }
  }
}
