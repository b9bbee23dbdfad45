package dev.interdict.bus.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/** Keys (PKCS#8 or SEC1, not encrypted) and certificates as PEM files. */
final class Pem {
  private static final long MAX_FILE_BYTES = 256 * 1024;

  private Pem() {}

  static PrivateKey readKey(Path file) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(read(file)))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof PEMKeyPair pair) {
          return key(pair.getPrivateKeyInfo());
        }
        if (object instanceof PrivateKeyInfo info) {
          return key(info);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("unreadable EC key in " + file + ": " + e.getMessage(), e);
    }
    throw new IOException("no unencrypted private key in " + file);
  }

  private static PrivateKey key(PrivateKeyInfo info) throws IOException, GeneralSecurityException {
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  static List<X509Certificate> readCertificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(read(file)))) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof X509CertificateHolder holder) {
          certificates.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
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
    write(file, new PemObject("PRIVATE KEY", key.getEncoded()), "rw-------");
  }

  static void writeCertificates(Path file, List<X509Certificate> certificates) throws IOException {
    write(file, certificates, "rw-r--r--");
  }

  private static String read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new IOException(file + ": invalid size=" + size + " limit=" + MAX_FILE_BYTES);
    }
    return Files.readString(file, StandardCharsets.US_ASCII);
  }

  /** Replaces the file in one step; its permissions hold from the first byte on. */
  private static void write(Path file, Object content, String permissions) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      if (content instanceof List<?> objects) {
        for (Object object : objects) {
          writer.writeObject(object);
        }
      } else {
        writer.writeObject(content);
      }
    }
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path temporary =
        Files.createTempFile(
            directory,
            "." + file.getFileName(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(
        temporary, text.toString(), StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
