package dev.interdict.bus.tls;

import java.util.Locale;

/** What a certificate entitles its holder to be on the bus. */
public enum Role {
  NODE,
  CONSUMER,
  RESPONDER,
  ADMIN,
  BACKPLANE;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Role parse(String text) {
    for (Role role : values()) {
      if (role.text().equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException("unknown role=" + text);
  }
}
