package dev.interdict.bus.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.interdict.schema.Command;
import dev.interdict.schema.SignedCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SignatureException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final byte[] DATA = "cut it".getBytes(StandardCharsets.UTF_8);

  private final Pki pki = Pki.create("test", DAY);
  private final Identity responder = pki.issue(Role.RESPONDER, "responder-1", DAY);

  @Test
  void shouldTellWhoSigned() throws Exception {
    PeerName signer =
        Identity.verify(
            DATA, responder.sign(DATA), responder.encodedChain(), pki.certificate(), Instant.now());

    assertThat(signer).isEqualTo(new PeerName(Role.RESPONDER, "responder-1"));
  }

  @Test
  void shouldVerifySignedCommandOnTheNode() throws Exception {
    Identity node = pki.issue(Role.NODE, "n", DAY);
    SignedCommand signed = responder.sign(Command.newBuilder().setId("c1").build());

    assertThat(node.verify(signed, Instant.now()).role()).isEqualTo(Role.RESPONDER);
    SignedCommand altered =
        signed.toBuilder()
            .setCommand(Command.newBuilder().setId("c2").build().toByteString())
            .build();
    assertThatThrownBy(() -> node.verify(altered, Instant.now()))
        .isInstanceOf(SignatureException.class)
        .hasMessageContaining("responder/responder-1");
    SignedCommand garbled = signed.toBuilder().setSignature(ByteString.copyFrom(DATA)).build();
    assertThatThrownBy(() -> node.verify(garbled, Instant.now()))
        .isInstanceOf(SignatureException.class);
  }

  @Test
  void shouldRefuseSignatureOfForeignAuthority() {
    Pki other = Pki.create("test", DAY);

    assertThatThrownBy(
            () ->
                Identity.verify(
                    DATA,
                    responder.sign(DATA),
                    responder.encodedChain(),
                    other.certificate(),
                    Instant.now()))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  void shouldRefuseSignatureWithExpiredCertificate() {
    Instant later = Instant.now().plus(Duration.ofDays(2));

    assertThatThrownBy(
            () ->
                Identity.verify(
                    DATA, responder.sign(DATA), responder.encodedChain(), pki.certificate(), later))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  void shouldRefuseChainsThatAreTooLong() {
    List<byte[]> chain = Collections.nCopies(5, responder.encodedChain().get(0));

    assertThatThrownBy(
            () ->
                Identity.verify(
                    DATA, responder.sign(DATA), chain, pki.certificate(), Instant.now()))
        .isInstanceOf(CertificateException.class)
        .hasMessage("invalid certificateChain.length=5 limit=4");
  }

  @Test
  void shouldNotIssueAuthorities() {
    // Who holds an ordinary certificate must not be able to certify others with it.
    assertThat(responder.certificate().getBasicConstraints()).isEqualTo(-1);
    assertThat(pki.certificate().getBasicConstraints()).isZero();
  }

  @Test
  void shouldReadBackWhatItWrote(@TempDir Path directory) throws Exception {
    Path own = directory.resolve("own");
    pki.save(directory);
    responder.save(own);

    Identity read = Identity.load(own);
    assertThat(read.name()).isEqualTo(responder.name());
    assertThat(
            Identity.verify(
                DATA, read.sign(DATA), read.encodedChain(), read.authority(), Instant.now()))
        .isEqualTo(responder.name());
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(own.resolve(Identity.KEY_FILE))))
        .isEqualTo("rw-------");

    Identity issuedLater = Pki.load(directory).issue(Role.ADMIN, "a", DAY);
    assertThat(
            Identity.verify(
                DATA,
                issuedLater.sign(DATA),
                issuedLater.encodedChain(),
                pki.certificate(),
                Instant.now()))
        .hasToString("admin/a");
  }

  @Test
  void shouldNameTheFileThatHasNoKey(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve(Identity.KEY_FILE), "not a key\n");

    assertThatThrownBy(() -> Identity.load(directory)).hasMessageContaining("key.pem");
  }

  @Test
  void shouldRefuseIdsThatCouldBeReadAsPaths() {
    assertThatThrownBy(() -> pki.issue(Role.NODE, "../admin/root", DAY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("../admin/root");
  }
}
