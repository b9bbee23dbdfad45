package dev.interdict.cep.index;

/** The value equals, or begins, ends with or contains, the value of another field. */
public record SameAs(Slot other, How how, boolean cased) implements Test {
  public enum How {
    EQUALS,
    STARTS,
    ENDS,
    CONTAINS
  }

  boolean matches(byte[] a, int aStart, int aLength, byte[] b, int bStart, int bLength) {
    if (bLength > aLength) {
      return false;
    }
    return switch (how) {
      case EQUALS -> aLength == bLength && at(a, aStart, b, bStart, bLength);
      case STARTS -> at(a, aStart, b, bStart, bLength);
      case ENDS -> at(a, aStart + aLength - bLength, b, bStart, bLength);
      case CONTAINS -> {
        boolean found = false;
        for (int i = 0; !found && i <= aLength - bLength; i++) {
          found = at(a, aStart + i, b, bStart, bLength);
        }
        yield found;
      }
    };
  }

  private boolean at(byte[] a, int aStart, byte[] b, int bStart, int length) {
    for (int i = 0; i < length; i++) {
      byte left = a[aStart + i];
      byte right = b[bStart + i];
      if (left != right && (cased || Fold.fold(left) != Fold.fold(right))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    String text =
        switch (how) {
          case EQUALS -> "equals ";
          case STARTS -> "begins with ";
          case ENDS -> "ends with ";
          case CONTAINS -> "contains ";
        };
    return (cased ? "cased " : "") + text + other;
  }
}
