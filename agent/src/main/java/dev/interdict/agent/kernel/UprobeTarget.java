package dev.interdict.agent.kernel;

import dev.interdict.agent.application.ElfImage;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A file whose functions are of interest, or that talks TLS where no program looks. */
final class UprobeTarget {
  /** Where a program goes. */
  record Point(Kind kind, String function, String program, boolean atReturn) {}

  static final List<Point> POINTS =
      List.of(
          new Point(Kind.READLINE, "readline", "on_readline", true),
          new Point(Kind.TLS, "SSL_write", "on_tls_write", false),
          new Point(Kind.TLS, "SSL_write_ex", "on_tls_write", false),
          new Point(Kind.TLS, "SSL_read", "on_tls_was_read", true),
          new Point(Kind.TLS, "SSL_read", "on_tls_read", false),
          new Point(Kind.TLS, "SSL_read_ex", "on_tls_was_read", true),
          new Point(Kind.TLS, "SSL_read_ex", "on_tls_read_ex", false),
          pam("pam_authenticate", "authenticate", true),
          pam("pam_authenticate", "authenticate", false),
          pam("pam_acct_mgmt", "account", true),
          pam("pam_acct_mgmt", "account", false),
          pam("pam_open_session", "open_session", true),
          pam("pam_open_session", "open_session", false),
          pam("pam_close_session", "close_session", true),
          pam("pam_close_session", "close_session", false),
          pam("pam_chauthtok", "change_password", true),
          pam("pam_chauthtok", "change_password", false));

  private static Point pam(String function, String program, boolean atReturn) {
    String symbol = "on_pam_" + program + (atReturn ? "_returned" : "");
    return new Point(Kind.AUTHENTICATION, function, symbol, atReturn);
  }

  /** TLS that no program looks into, by a function that only it has. */
  private static final Map<String, String> OTHER_TLS =
      Map.of(
          "gnutls_record_send", "GnuTLS",
          "SSL_ImportFD", "NSS",
          "JNI_CreateJavaVM", "Java's own TLS",
          "mbedtls_ssl_write", "Mbed TLS",
          "wolfSSL_write", "wolfSSL");

  private static final String GO_TLS = "crypto/tls.(*Conn).Write";
  private static final Map<String, String> MARKS =
      Map.of(
          GO_TLS,
          "Go's own TLS",
          "/ssl_lib.c",
          "OpenSSL or BoringSSL linked in without symbols",
          "rustls-0.",
          "rustls");

  private static final Set<String> FUNCTIONS = functions();

  private static Set<String> functions() {
    Set<String> all = new HashSet<>(OTHER_TLS.keySet());
    POINTS.forEach(point -> all.add(point.function));
    return Set.copyOf(all);
  }

  final String path;
  final Map<String, Long> functions;
  final String unseen; // why TLS in it is; null if it is not
  final Map<Point, Long> links = new LinkedHashMap<>();
  int number; // in paths; 0: not attached to
  boolean told;
  long swept;

  private UprobeTarget(String path, Map<String, Long> functions, String unseen) {
    this.path = path;
    this.functions = functions;
    this.unseen = unseen;
  }

  /** Null where nothing in it is. */
  static UprobeTarget read(int file, String path) throws IOException {
    try (FileChannel channel = FileChannel.open(Path.of("/proc/self/fd/" + file))) {
      ElfImage elf = ElfImage.read(channel, FUNCTIONS, MARKS.keySet());
      Map<String, Long> functions = new LinkedHashMap<>(elf.functions());
      String unseen = null;
      for (Map.Entry<String, String> other : OTHER_TLS.entrySet()) {
        if (functions.remove(other.getKey()) != null) {
          unseen = other.getValue();
        }
      }
      boolean openssl = functions.containsKey("SSL_write") || elf.imports().contains("SSL_write");
      for (String mark : elf.marks()) {
        boolean counts = mark.equals(GO_TLS) ? elf.go() : !openssl;
        unseen = counts ? MARKS.get(mark) : unseen;
      }
      return functions.isEmpty() && unseen == null
          ? null
          : new UprobeTarget(path, functions, unseen);
    }
  }
}
