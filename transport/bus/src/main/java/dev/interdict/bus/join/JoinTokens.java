package dev.interdict.bus.join;

import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The one-time tokens of an authority, a file each beside its key. A token is spent by renaming its
 * file, so that of two who come with it one gets a certificate, whichever process they ask.
 */
public final class JoinTokens {
  private static final String DIRECTORY = "tokens";
  private static final String SPENT = ".spent";

  /** What a token is good for; {@code id} is empty where the holder may choose. */
  record Grant(Role role, String id) {}

  private final Path directory;

  public JoinTokens(Path authority) {
    directory = authority.resolve(DIRECTORY);
  }

  public JoinToken issue(
      X509Certificate authority, Role role, String id, Duration lifetime, Instant now)
      throws IOException {
    if (!id.isEmpty()) {
      new PeerName(role, id); // checks it
    }
    JoinToken token = JoinToken.random(authority);
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(
        directory.resolve(token.number()),
        String.join(
            "\n",
            HexFormat.of().formatHex(token.secretHash()),
            role.name().toLowerCase(Locale.ROOT),
            Long.toString(now.plus(lifetime).getEpochSecond()),
            id,
            ""),
        StandardCharsets.US_ASCII);
    return token;
  }

  /** What it is good for, if it is good. */
  Grant look(JoinToken token, Instant now) throws JoinRefusedException, IOException {
    Path file = directory.resolve(token.number());
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new JoinRefusedException(
          Files.exists(directory.resolve(token.number() + SPENT))
              ? "token " + token + " was used before; each is good for one host"
              : "token " + token + " is not known here",
          e);
    }
    byte[] expected = HexFormat.of().parseHex(lines.get(0));
    if (!MessageDigest.isEqual(expected, token.secretHash())) {
      throw new JoinRefusedException("token " + token + " has a wrong secret");
    }
    Instant expires = Instant.ofEpochSecond(Long.parseLong(lines.get(2)));
    if (!now.isBefore(expires)) {
      throw new JoinRefusedException("token " + token + " expired at " + expires);
    }
    return new Grant(Role.parse(lines.get(1)), lines.size() > 3 ? lines.get(3) : "");
  }

  void spend(JoinToken token) throws JoinRefusedException, IOException {
    Path file = directory.resolve(token.number());
    try {
      Files.move(file, directory.resolve(token.number() + SPENT), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      throw new JoinRefusedException("token " + token + " was used before, just now", e);
    }
  }
}
