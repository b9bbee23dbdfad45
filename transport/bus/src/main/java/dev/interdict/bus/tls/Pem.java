package dev.interdict.bus.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys (PKCS#8 or SEC1, not encrypted) and certificates as PEM files. What every agent does, by the
 * JDK's means alone: BouncyCastle takes megabytes.
 */
final class Pem {
  private static final long MAX_FILE_BYTES = 256 * 1024;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");
  private static final int LINE = 64;

  private Pem() {}

  private record Block(String type, byte[] content) {}

  static PrivateKey readKey(Path file) throws IOException {
    try {
      for (Block block : blocks(file)) {
        switch (block.type) {
          case "PRIVATE KEY" -> {
            return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(block.content));
          }
          case "EC PRIVATE KEY" -> {
            return Sec1.read(block.content);
          }
          default -> {}
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("unreadable EC key in " + file + ": " + e.getMessage(), e);
    }
    throw new IOException("no unencrypted private key in " + file);
  }

  static List<X509Certificate> readCertificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file)) {
        if (block.type.equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.content)));
        }
      }
    } catch (CertificateException e) {
      throw new IOException("unreadable certificate in " + file + ": " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new IOException("no certificate in " + file);
    }
    return certificates;
  }

  static void writeKey(Path file, PrivateKey key) throws IOException {
    // As PKCS#8: the older form would leave out which curve it is.
    write(file, block("PRIVATE KEY", key.getEncoded()), "rw-------");
  }

  static void writeCertificates(Path file, List<X509Certificate> certificates) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate certificate : certificates) {
        text.append(block("CERTIFICATE", certificate.getEncoded()));
      }
    } catch (CertificateEncodingException e) {
      throw new IOException("certificate cannot be encoded for " + file, e);
    }
    write(file, text.toString(), "rw-r--r--");
  }

  private static List<Block> blocks(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new IOException(file + ": invalid size=" + size + " limit=" + MAX_FILE_BYTES);
    }
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      try {
        blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": " + matcher.group(1) + " is no base64", e);
      }
    }
    return blocks;
  }

  private static String block(String type, byte[] content) {
    byte[] newline = {'\n'};
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(LINE, newline).encodeToString(content)
        + "\n-----END "
        + type
        + "-----\n";
  }

  /** Replaces the file in one step; its permissions hold from the first byte on. */
  private static void write(Path file, String text, String permissions) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path temporary =
        Files.createTempFile(
            directory,
            "." + file.getFileName(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(temporary, text, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
