package dev.interdict.jobs.alert;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.jobs.ImmutableType;
import dev.interdict.schema.Alert;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Length and protobuf bytes; by itself Flink would take Kryo. */
public final class AlertSerializer extends TypeSerializerSingleton<Alert> {
  public static final AlertSerializer INSTANCE = new AlertSerializer();
  public static final TypeInformation<Alert> TYPE = ImmutableType.of(Alert.class, INSTANCE);

  private static final int MAX_LENGTH = 16 << 20;

  private AlertSerializer() {}

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public Alert createInstance() {
    return Alert.getDefaultInstance();
  }

  @Override
  public Alert copy(Alert from) {
    return from;
  }

  @Override
  public Alert copy(Alert from, Alert reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Alert alert, DataOutputView out) throws IOException {
    byte[] bytes = alert.toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  public Alert deserialize(DataInputView in) throws IOException {
    byte[] bytes = new byte[checkedLength(in.readInt())];
    in.readFully(bytes);
    return parse(bytes);
  }

  @Override
  public Alert deserialize(Alert reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    int length = checkedLength(in.readInt());
    out.writeInt(length);
    out.write(in, length);
  }

  private static int checkedLength(int length) throws IOException {
    if (length < 0 || length > MAX_LENGTH) {
      throw new IOException("invalid alertLength=" + length + " limit=" + MAX_LENGTH);
    }
    return length;
  }

  private static Alert parse(byte[] bytes) throws IOException {
    try {
      return Alert.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("malformed alert in state, length=" + bytes.length, e);
    }
  }

  @Override
  public TypeSerializerSnapshot<Alert> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Flink finds it by its name in a checkpoint. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Alert> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }

  /** For the unacknowledged alerts in the sink's state. */
  static final class Versioned implements SimpleVersionedSerializer<Alert> {
    static final Versioned INSTANCE = new Versioned();

    private static final int VERSION = 1;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(Alert alert) {
      return alert.toByteArray();
    }

    @Override
    public Alert deserialize(int version, byte[] bytes) throws IOException {
      if (version != VERSION) {
        throw new IOException("invalid alert version=" + version + " known=" + VERSION);
      }
      return parse(bytes);
    }
  }
}
