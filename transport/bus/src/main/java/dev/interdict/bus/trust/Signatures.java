package dev.interdict.bus.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.PublishAlert;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.time.Instant;

/** What peers say through a backplane that they need not trust, signed by whoever says it. */
public final class Signatures {
  private static final byte[] ALERT = "interdict alert 1\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RESULT = "interdict result 1\0".getBytes(StandardCharsets.US_ASCII);

  private Signatures() {}

  public static PublishAlert sign(Alert alert, Identity publisher) {
    ByteString bytes = alert.toByteString();
    PublishAlert.Builder signed =
        PublishAlert.newBuilder()
            .setAlert(bytes)
            .setSignature(UnsafeByteOperations.unsafeWrap(publisher.sign(labelled(ALERT, bytes))));
    publisher
        .encodedChain()
        .forEach(certificate -> signed.addCertificateChain(ByteString.copyFrom(certificate)));
    return signed.build();
  }

  /** Only consumers and administrators raise alerts. */
  public static Alert verify(PublishAlert signed, Signers signers, Instant at)
      throws GeneralSecurityException, InvalidProtocolBufferException {
    PeerName publisher =
        signers.verify(
            labelled(ALERT, signed.getAlert()),
            signed.getSignature(),
            signed.getCertificateChainList(),
            at);
    if (publisher.role() != Role.CONSUMER && publisher.role() != Role.ADMIN) {
      throw new SignatureException("role of " + publisher + " may not raise alerts");
    }
    return Alert.parseFrom(signed.getAlert());
  }

  public static CommandResult sign(CommandResult result, Identity node) {
    CommandResult.Builder signed = unsigned(result).toBuilder();
    signed.setSignature(
        UnsafeByteOperations.unsafeWrap(
            node.sign(labelled(RESULT, unsigned(result).toByteString()))));
    node.encodedChain()
        .forEach(certificate -> signed.addCertificateChain(ByteString.copyFrom(certificate)));
    return signed.build();
  }

  /** Fails unless the node itself said so. */
  public static void verify(CommandResult result, String node, Signers signers, Instant at)
      throws GeneralSecurityException {
    PeerName signer =
        signers.verify(
            labelled(RESULT, unsigned(result).toByteString()),
            result.getSignature(),
            result.getCertificateChainList(),
            at);
    if (signer.role() != Role.NODE || !signer.id().equals(node)) {
      throw new SignatureException("a result of node=" + node + " is signed by " + signer);
    }
  }

  private static CommandResult unsigned(CommandResult result) {
    return result.toBuilder().clearSignature().clearCertificateChain().build();
  }

  private static byte[] labelled(byte[] label, ByteString bytes) {
    byte[] all = new byte[label.length + bytes.size()];
    System.arraycopy(label, 0, all, 0, label.length);
    bytes.copyTo(all, label.length);
    return all;
  }
}
