package dev.interdict.jobs.sequence;

import dev.interdict.jobs.sequence.Window.Shown;
import dev.interdict.jobs.source.NodeEventSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** u8 version, start, last, counted, total; counted pairs of mark and value; counted evidence. */
final class WindowSerializer extends TypeSerializerSingleton<Window> {
  private static final long serialVersionUID = 1;
  static final WindowSerializer INSTANCE = new WindowSerializer();

  private static final byte VERSION = 1;
  private static final int MAX_ENTRIES = 1 << 16;

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public Window createInstance() {
    return new Window(0);
  }

  @Override
  public Window copy(Window from) {
    return from.copy();
  }

  @Override
  public Window copy(Window from, Window reuse) {
    return from.copy();
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Window window, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    out.writeLong(window.start);
    out.writeLong(window.last);
    out.writeLong(window.counted);
    out.writeDouble(window.total);
    out.writeInt(window.size);
    for (int i = 0; i < window.size; i++) {
      out.writeLong(window.marks[i]);
      out.writeLong(window.values[i]);
    }
    out.writeInt(window.evidence.size());
    for (Shown shown : window.evidence) {
      NodeEventSerializer.INSTANCE.serialize(shown.event(), out);
      out.writeInt(shown.part());
      out.writeLong(shown.value());
    }
  }

  @Override
  public Window deserialize(DataInputView in) throws IOException {
    byte version = in.readByte();
    if (version != VERSION) {
      throw new IOException("invalid Window version=" + version + " known=" + VERSION);
    }
    long start = in.readLong();
    long last = in.readLong();
    long counted = in.readLong();
    double total = in.readDouble();
    int size = checked(in.readInt());
    long[] marks = new long[size];
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      marks[i] = in.readLong();
      values[i] = in.readLong();
    }
    int shown = checked(in.readInt());
    List<Shown> evidence = new ArrayList<>(shown);
    for (int i = 0; i < shown; i++) {
      evidence.add(
          new Shown(NodeEventSerializer.INSTANCE.deserialize(in), in.readInt(), in.readLong()));
    }
    return new Window(start, last, counted, total, marks, values, evidence);
  }

  @Override
  public Window deserialize(Window reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  private static int checked(int count) throws IOException {
    if (count < 0 || count > MAX_ENTRIES) {
      throw new IOException("invalid entries=" + count + " limit=" + MAX_ENTRIES);
    }
    return count;
  }

  @Override
  public TypeSerializerSnapshot<Window> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Flink finds it by its name in a checkpoint. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Window> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
