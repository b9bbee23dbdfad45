package dev.interdict.cep;

import dev.interdict.schema.Level;
import java.util.List;

/** Something that can find, with what its file says about it. */
public sealed interface Described permits Rule, Sequence, Count {
  About about();

  default String id() {
    return about().id();
  }

  default String name() {
    return about().name();
  }

  default String title() {
    return about().title();
  }

  default String description() {
    return about().description();
  }

  default String author() {
    return about().author();
  }

  default Level level() {
    return about().level();
  }

  default List<String> techniques() {
    return about().techniques();
  }

  default Location location() {
    return about().location();
  }
}
