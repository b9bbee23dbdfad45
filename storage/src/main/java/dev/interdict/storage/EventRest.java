package dev.interdict.storage;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Dup;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.Fd;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Fork;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.util.Arrays;

/**
 * What of an event no {@code Field} names, so that the archive loses nothing of it: one pass over
 * the encoded bytes, reused. Where the event holds something that no column can carry, such as a
 * field of a newer agent, {@link #unknown} is set and the row keeps the bytes as they are.
 */
final class EventRest {
  /** By the field number of a detail: the highest field of its message that is known here. */
  private static final int[] LAST = new int[Event.TICK_FIELD_NUMBER + 1];

  private static final boolean[] OF_FILES = new boolean[LAST.length];

  static {
    for (FieldDescriptor detail : Event.getDescriptor().getOneofs().get(0).getFields()) {
      OF_FILES[detail.getNumber()] = detail.getMessageType() == FileOperation.getDescriptor();
      for (FieldDescriptor part : detail.getMessageType().getFields()) {
        LAST[detail.getNumber()] = Math.max(LAST[detail.getNumber()], part.getNumber());
      }
    }
  }

  boolean unknown;
  boolean argsTruncated;
  int ancestors;
  long[] ancestorPids = new long[16];
  long[] ancestorUids = new long[16];
  long[] ancestorStartTimes = new long[16];
  int fds;
  Descriptor[] descriptors = {new Descriptor(), new Descriptor(), new Descriptor()};
  long device;

  private final Descriptor moved = new Descriptor();
  private int base;

  /** An open descriptor; texts are slices of the event's array, absent where their length is -1. */
  static final class Descriptor {
    int number;
    int type;
    boolean socket;
    int family;
    int localPort;
    int remotePort;
    final Slice path = new Slice();
    final Slice protocol = new Slice();
    final Slice localAddress = new Slice();
    final Slice remoteAddress = new Slice();

    void clear() {
      number = 0;
      type = 0;
      socket = false;
      family = 0;
      localPort = 0;
      remotePort = 0;
      path.length = -1;
      protocol.length = -1;
      localAddress.length = -1;
      remoteAddress.length = -1;
    }
  }

  static final class Slice {
    int start;
    int length = -1;
  }

  void read(byte[] array, int offset, int length) throws IOException {
    clear();
    base = offset;
    CodedInputStream in = CodedInputStream.newInstance(array, offset, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Event.TIME_FIELD_NUMBER,
            Event.RESULT_FIELD_NUMBER,
            Event.COUNT_FIELD_NUMBER,
            Event.IO_URING_FIELD_NUMBER ->
            in.skipField(tag);
        case Event.KIND_FIELD_NUMBER -> unknown |= Kind.forNumber(in.readRawVarint32()) == null;
        case Event.PROCESS_FIELD_NUMBER -> process(in);
        case Event.EXEC_FIELD_NUMBER -> exec(in);
        case Event.EXIT_FIELD_NUMBER -> named(in, Exit.LIFETIME_FIELD_NUMBER);
        case Event.FORK_FIELD_NUMBER -> named(in, Fork.OTHER_CGROUP_FIELD_NUMBER);
        case Event.CONNECT_FIELD_NUMBER, Event.ACCEPT_FIELD_NUMBER -> connection(in, moved);
        case Event.DUP_FIELD_NUMBER -> dup(in);
        case Event.GAP_FIELD_NUMBER -> named(in, Gap.LAST_SEQUENCE_FIELD_NUMBER);
        case Event.TICK_FIELD_NUMBER -> named(in, 0);
        default -> detail(in, tag);
      }
    }
  }

  private void clear() {
    unknown = false;
    argsTruncated = false;
    ancestors = 0;
    fds = 0;
    device = 0;
  }

  private void process(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Process.ARGS_TRUNCATED_FIELD_NUMBER -> argsTruncated = in.readBool();
        case Process.ANCESTORS_FIELD_NUMBER -> ancestor(in);
        case Process.CONTAINER_FIELD_NUMBER -> named(in, Container.RUNTIME_FIELD_NUMBER);
        default -> skip(in, tag, Process.ANCESTORS_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
  }

  private void ancestor(CodedInputStream in) throws IOException {
    if (ancestors == ancestorPids.length) {
      ancestorPids = Arrays.copyOf(ancestorPids, 2 * ancestors);
      ancestorUids = Arrays.copyOf(ancestorUids, 2 * ancestors);
      ancestorStartTimes = Arrays.copyOf(ancestorStartTimes, 2 * ancestors);
    }
    ancestorPids[ancestors] = 0;
    ancestorUids[ancestors] = 0;
    ancestorStartTimes[ancestors] = 0;
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Ancestor.PID_FIELD_NUMBER -> ancestorPids[ancestors] = unsigned(in);
        case Ancestor.UID_FIELD_NUMBER -> ancestorUids[ancestors] = unsigned(in);
        case Ancestor.START_TIME_FIELD_NUMBER -> ancestorStartTimes[ancestors] = in.readUInt64();
        default -> skip(in, tag, Ancestor.START_TIME_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
    ancestors++;
  }

  private void exec(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == Exec.FDS_FIELD_NUMBER) {
        if (fds == descriptors.length) {
          descriptors = Arrays.copyOf(descriptors, 2 * fds);
          Arrays.setAll(descriptors, i -> i < fds ? descriptors[i] : new Descriptor());
        }
        fd(in, descriptors[fds++]);
      } else {
        skip(in, tag, Exec.UPPER_LAYER_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
  }

  private void file(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == FileOperation.DEVICE_FIELD_NUMBER) {
        device = unsigned(in);
      } else {
        skip(in, tag, FileOperation.BY_HANDLE_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
  }

  /** The descriptor's number is the one that it was moved to: only another one is news. */
  private void dup(CodedInputStream in) throws IOException {
    int to = 0;
    moved.clear();
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Dup.TO_FIELD_NUMBER -> to = in.readUInt32();
        case Dup.FD_FIELD_NUMBER -> {
          fd(in, moved);
          unknown |= moved.number != 0 && moved.number != to;
        }
        default -> skip(in, tag, Dup.FD_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
  }

  private void fd(CodedInputStream in, Descriptor fd) throws IOException {
    fd.clear();
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Fd.NUMBER_FIELD_NUMBER -> fd.number = in.readUInt32();
        case Fd.TYPE_FIELD_NUMBER -> fd.type = in.readEnum();
        case Fd.PATH_FIELD_NUMBER -> slice(in, fd.path);
        case Fd.SOCKET_FIELD_NUMBER -> connection(in, fd);
        default -> skip(in, tag, Fd.SOCKET_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
    unknown |= Fd.Type.forNumber(fd.type) == null;
  }

  private void connection(CodedInputStream in, Descriptor fd) throws IOException {
    fd.socket = true;
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Connection.FAMILY_FIELD_NUMBER -> fd.family = in.readEnum();
        case Connection.PROTOCOL_FIELD_NUMBER -> slice(in, fd.protocol);
        case Connection.LOCAL_ADDRESS_FIELD_NUMBER -> slice(in, fd.localAddress);
        case Connection.LOCAL_PORT_FIELD_NUMBER -> fd.localPort = in.readUInt32();
        case Connection.REMOTE_ADDRESS_FIELD_NUMBER -> slice(in, fd.remoteAddress);
        case Connection.REMOTE_PORT_FIELD_NUMBER -> fd.remotePort = in.readUInt32();
        default -> skip(in, tag, Connection.REMOTE_PORT_FIELD_NUMBER);
      }
    }
    in.popLimit(outer);
    unknown |= Connection.Family.forNumber(fd.family) == null;
  }

  /** A message of which a {@code Field} names everything up to that number. */
  private void named(CodedInputStream in, int last) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      skip(in, tag, last);
    }
    in.popLimit(outer);
  }

  private void skip(CodedInputStream in, int tag, int last) throws IOException {
    unknown |= WireFormat.getTagFieldNumber(tag) > last;
    in.skipField(tag);
  }

  /** Most details are scalars that have a {@code Field} each. */
  private void detail(CodedInputStream in, int tag) throws IOException {
    int number = WireFormat.getTagFieldNumber(tag);
    int last = number < LAST.length ? LAST[number] : 0;
    if (last == 0) {
      unknown = true;
      in.skipField(tag);
    } else if (OF_FILES[number]) {
      file(in);
    } else {
      named(in, last);
    }
  }

  private void slice(CodedInputStream in, Slice slice) throws IOException {
    int length = in.readRawVarint32();
    slice.start = base + in.getTotalBytesRead();
    in.skipRawBytes(length);
    slice.length = length;
  }

  private static long unsigned(CodedInputStream in) throws IOException {
    return Integer.toUnsignedLong(in.readUInt32());
  }
}
