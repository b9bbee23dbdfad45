package dev.interdict.bus.trust;

import com.google.protobuf.ByteString;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Subscribe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One side's part of the key that seals a stream: X25519, made for one subscription. The node signs
 * what both sides said, so that only it can have the same key as the consumer; what is sealed after
 * costs a MAC and no signature.
 */
public final class StreamKey {
  private static final byte[] LABEL = "interdict stream 1\0".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_SHARE_LENGTH = 64;
  private static final String CURVE = "X25519";

  private final KeyPair pair;

  public StreamKey() {
    try {
      pair = KeyPairGenerator.getInstance(CURVE).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no " + CURVE + ": " + e.getMessage(), e);
    }
  }

  public ByteString share() {
    return ByteString.copyFrom(pair.getPublic().getEncoded());
  }

  /**
   * What the node signs: what was asked for but for what a backplane may change on the way, both
   * shares, and where the stream begins.
   */
  public static byte[] transcript(
      Subscribe asked, ByteString nodeShare, NodeId node, long epoch, long nextSequence) {
    byte[] terms = asked.toBuilder().clearConsumer().clearCredit().build().toByteArray();
    ByteBuffer all =
        ByteBuffer.allocate(
            LABEL.length + 2 * Integer.BYTES + terms.length + nodeShare.size() + 4 * Long.BYTES);
    all.put(LABEL).putInt(terms.length).put(terms);
    all.putInt(nodeShare.size()).put(nodeShare.asReadOnlyByteBuffer());
    return all.putLong(node.hi()).putLong(node.lo()).putLong(epoch).putLong(nextSequence).array();
  }

  /** Both sides come to the same; fails if the other's share is no point of the curve. */
  public Seal seal(ByteString otherShare, byte[] transcript) throws GeneralSecurityException {
    if (otherShare.size() > MAX_SHARE_LENGTH) {
      throw new GeneralSecurityException(
          "invalid keyShare.length=" + otherShare.size() + " limit=" + MAX_SHARE_LENGTH);
    }
    KeyAgreement agreement = KeyAgreement.getInstance(CURVE);
    agreement.init(pair.getPrivate());
    agreement.doPhase(
        KeyFactory.getInstance(CURVE)
            .generatePublic(new X509EncodedKeySpec(otherShare.toByteArray())),
        true);
    Mac derive = Mac.getInstance(Seal.ALGORITHM);
    derive.init(new SecretKeySpec(agreement.generateSecret(), Seal.ALGORITHM));
    derive.update(LABEL);
    return new Seal(
        new SecretKeySpec(
            derive.doFinal(MessageDigest.getInstance("SHA-256").digest(transcript)),
            Seal.ALGORITHM));
  }
}
