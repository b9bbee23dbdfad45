package dev.interdict.bus.join;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.CertificateRequest;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.JoinRequest;
import dev.interdict.schema.JoinResponse;
import dev.interdict.schema.Renewal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks a backplane's join port for a certificate over a key made here. */
public final class JoinClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final int MAX_ANSWER_BYTES = 64 << 10;

  private final URI server;
  private final Predicate<X509Certificate> trusted;

  private JoinClient(InetSocketAddress server, Predicate<X509Certificate> trusted) {
    String host = server.getHostString();
    this.server =
        URI.create(
            "https://"
                + (host.contains(":") ? "[" + host + "]" : host)
                + ":"
                + server.getPort()
                + JoinService.PATH);
    this.trusted = trusted;
  }

  /** {@code id} may be empty where the token names one. */
  public static Identity join(InetSocketAddress server, JoinToken token, String id)
      throws JoinRefusedException, IOException {
    JoinClient client =
        new JoinClient(
            server, authority -> JoinToken.fingerprint(authority).equals(token.fingerprint()));
    CertificateRequest request = CertificateRequest.create();
    return client.ask(request, asking(request).setToken(token.text()).setId(id).build());
  }

  public static Identity join(
      InetSocketAddress server, String kubernetesToken, X509Certificate authority)
      throws JoinRefusedException, IOException {
    CertificateRequest request = CertificateRequest.create();
    return new JoinClient(server, authority::equals)
        .ask(request, asking(request).setKubernetesToken(kubernetesToken.trim()).build());
  }

  /** A new key and certificate for whoever holds the present ones. */
  public static Identity renew(InetSocketAddress server, Identity present)
      throws JoinRefusedException, IOException {
    CertificateRequest request = CertificateRequest.create();
    JoinRequest.Builder asking = asking(request);
    Renewal.Builder renewal =
        Renewal.newBuilder()
            .setSignature(
                ByteString.copyFrom(
                    present.sign(JoinDesk.renewalData(asking.getCertificateRequest()))));
    present
        .encodedChain()
        .forEach(certificate -> renewal.addCertificateChain(ByteString.copyFrom(certificate)));
    return new JoinClient(server, present.authority()::equals)
        .ask(request, asking.setRenewal(renewal).build());
  }

  private static JoinRequest.Builder asking(CertificateRequest request) {
    return JoinRequest.newBuilder().setCertificateRequest(ByteString.copyFrom(request.encoded()));
  }

  private Identity ask(CertificateRequest request, JoinRequest asking)
      throws JoinRefusedException, IOException {
    JoinResponse response = JoinResponse.parseFrom(post(asking.toByteArray()));
    try {
      X509Certificate authority = certificate(response.getAuthority());
      if (!trusted.test(authority)) {
        throw new JoinRefusedException(
            "the answer names another authority: " + authority.getSubjectX500Principal());
      }
      List<byte[]> encoded = new ArrayList<>();
      List<X509Certificate> chain = new ArrayList<>();
      for (ByteString each : response.getCertificateChainList()) {
        encoded.add(each.toByteArray());
        chain.add(certificate(each));
      }
      Identity.validate(encoded, authority, Instant.now());
      return request.fulfilled(chain, authority);
    } catch (GeneralSecurityException e) {
      throw new JoinRefusedException("unusable answer: " + e.getMessage(), e);
    }
  }

  private byte[] post(byte[] body) throws JoinRefusedException, IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(tls())
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(server)
            .timeout(TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      byte[] answer;
      try (InputStream in = response.body()) {
        answer = in.readNBytes(MAX_ANSWER_BYTES);
      }
      if (response.statusCode() == 200) {
        return answer;
      }
      String text = new String(answer, StandardCharsets.UTF_8);
      if (response.statusCode() == 403) {
        throw new JoinRefusedException(text);
      }
      throw new IOException(server + " answered " + response.statusCode() + ": " + text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + server + " was asked", e);
    }
  }

  private SSLContext tls() {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, new TrustManager[] {new BackplaneTrust()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS 1.3: " + e.getMessage(), e);
    }
  }

  private static X509Certificate certificate(ByteString encoded) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded.toByteArray()));
  }

  /** A backplane is known by its role and by the authority that stands last in its chain. */
  private final class BackplaneTrust extends X509ExtendedTrustManager {
    private void check(X509Certificate[] chain) throws CertificateException {
      X509Certificate authority = chain[chain.length - 1];
      if (chain.length < 2 || !trusted.test(authority)) {
        throw new CertificateException(
            "the server at "
                + server.getAuthority()
                + " is not of the authority that the token names");
      }
      List<byte[]> encoded = new ArrayList<>();
      for (int i = 0; i < chain.length - 1; i++) {
        encoded.add(chain[i].getEncoded());
      }
      try {
        PeerName name = PeerName.of(Identity.validate(encoded, authority, Instant.now()));
        if (name.role() != Role.BACKPLANE) {
          throw new CertificateException("the server is not a backplane but " + name);
        }
      } catch (CertificateException e) {
        throw e;
      } catch (GeneralSecurityException e) {
        throw new CertificateException(e.getMessage(), e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this side is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("this side is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("this side is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
