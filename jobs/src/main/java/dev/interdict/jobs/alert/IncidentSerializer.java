package dev.interdict.jobs.alert;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Incident;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Length and protobuf bytes. */
public final class IncidentSerializer extends TypeSerializerSingleton<Incident> {
  public static final IncidentSerializer INSTANCE = new IncidentSerializer();

  private static final int MAX_LENGTH = 1 << 20;

  private IncidentSerializer() {}

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public Incident createInstance() {
    return Incident.getDefaultInstance();
  }

  @Override
  public Incident copy(Incident from) {
    return from;
  }

  @Override
  public Incident copy(Incident from, Incident reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Incident incident, DataOutputView out) throws IOException {
    byte[] bytes = incident.toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  public Incident deserialize(DataInputView in) throws IOException {
    byte[] bytes = new byte[checked(in.readInt())];
    in.readFully(bytes);
    try {
      return Incident.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("malformed incident in state, length=" + bytes.length, e);
    }
  }

  @Override
  public Incident deserialize(Incident reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    int length = checked(in.readInt());
    out.writeInt(length);
    out.write(in, length);
  }

  private static int checked(int length) throws IOException {
    if (length < 0 || length > MAX_LENGTH) {
      throw new IOException("invalid incident length=" + length + " limit=" + MAX_LENGTH);
    }
    return length;
  }

  @Override
  public TypeSerializerSnapshot<Incident> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Flink finds it by its name in a checkpoint. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Incident> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
