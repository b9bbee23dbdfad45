package dev.interdict.storage;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Credentials;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.Fd;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Login;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The archive of a small break-in: a web server in the container {@code shop} is made to run a
 * shell, which drops {@code /tmp/.x} and runs it; that becomes root, reads the shadow file, calls
 * home and listens. Events are a second apart from {@link SampleEvents#START} on.
 */
public final class Intrusion {
  static final String ALERT = "5eed00ff5eed00ff5eed00ff5eed00ff";
  private static final long SECOND = 1_000_000_000L;
  private static final Process SERVER = process(100, "/usr/sbin/nginx", "nginx -g daemon").build();
  private static final Process SHELL = child(SERVER, 101, "/usr/bin/dash", "sh -i").build();
  private static final Process DROPPED =
      child(SHELL, 102, "/tmp/.x", "/tmp/.x 198.51.100.7").build();

  private final List<Event.Builder> events = new ArrayList<>();

  private Intrusion() {}

  public static Path write(Path data) throws IOException {
    Intrusion intrusion = new Intrusion();
    intrusion.happen();
    Path file =
        ArchiveFixture.write(
            data, "intrusion", intrusion.events.stream().map(Event.Builder::build).toList());
    Path alerts =
        new Catalog(data).alerts().resolve(Partition.date(SampleEvents.START)).resolve("a.parquet");
    Files.createDirectories(alerts.getParent());
    try (OutputStream out = Files.newOutputStream(alerts)) {
      AlertParquetWriter writer = AlertParquetWriter.open(out);
      writer.append(alert(intrusion.events.get(6).build(), 7).build());
      writer.append(
          alert(null, 7).setCount(3).setLastTime(SampleEvents.START + 9 * SECOND).build());
      writer.finish();
    }
    return file;
  }

  private void happen() {
    add(Kind.EXEC, SERVER).setExec(Exec.getDefaultInstance());
    add(Kind.ACCEPT, SERVER).setAccept(tcp("10.0.0.5", 443, "203.0.113.9", 51000));
    Connection home = tcp("10.0.0.5", 40000, "198.51.100.7", 4444).build();
    add(Kind.EXEC, SHELL)
        .setExec(Exec.newBuilder().addFds(Fd.newBuilder().setType(Fd.Type.SOCKET).setSocket(home)));
    add(Kind.OPEN, SHELL)
        .setOpen(FileOperation.newBuilder().setPath("/tmp/.x").setWrite(true).setCreate(true));
    add(Kind.EXEC, DROPPED).setExec(Exec.newBuilder().setJustWritten(true).setWriterId(101));
    add(Kind.SETUID, DROPPED)
        .setSetuid(Credentials.newBuilder().setCall("setuid").setOldUid(33).setUid(0).setEuid(0));
    add(Kind.OPEN, DROPPED)
        .setOpen(FileOperation.newBuilder().setPath("/etc/shadow").setWatched(true));
    add(Kind.CONNECT, DROPPED).setConnect(home);
    add(Kind.DISCONNECT, DROPPED)
        .setDisconnect(home.toBuilder().setBytesSent(7_000_000).setBytesReceived(900));
    add(Kind.LISTEN, DROPPED)
        .setListen(tcp("0.0.0.0", 31337, "", 0).clearRemoteAddress().clearRemotePort());
    Process sshd = process(50, "/usr/sbin/sshd", "sshd -D").clearContainer().build();
    add(Kind.AUTHENTICATION, sshd)
        .setAuthentication(
            Login.newBuilder()
                .setOperation("authenticate")
                .setService("sshd")
                .setUser("root")
                .setRemoteHost("203.0.113.9")
                .setSuccess(false)
                .setStatus(7));
    add(Kind.EXIT, SHELL).setExit(Exit.newBuilder().setCode(0));
    add(Kind.GAP, null).setGap(Gap.newBuilder().setReason(Gap.Reason.RING_FULL).setCount(12));
  }

  private Event.Builder add(Kind kind, Process process) {
    Event.Builder event =
        Event.newBuilder().setTime(SampleEvents.START + events.size() * SECOND).setKind(kind);
    if (process != null) {
      event.setProcess(process);
    }
    events.add(event);
    return event;
  }

  private static Alert.Builder alert(Event proof, int sequence) {
    Alert.Builder alert =
        Alert.newBuilder()
            .setId(ALERT)
            .setTime(SampleEvents.START + 6 * SECOND)
            .setRuleTitle("Shadow file read by a dropped program")
            .setLevelValue(4)
            .addTechniques("T1003.008");
    alert.getEntityBuilder().setNode(ArchiveFixture.NODE).setProcessId(102).setExe("/tmp/.x");
    alert.getIncidentBuilder().setId("1c1d").setScore(70).setSummary("Break-in by nginx");
    var evidence = alert.addEvidenceBuilder().setStep("read");
    evidence.getPositionBuilder().setNode(ArchiveFixture.NODE).setEpoch(2).setSequence(sequence);
    if (proof != null) {
      evidence.setEvent(proof);
    }
    return alert;
  }

  private static Process.Builder process(long id, String exe, String line) {
    Process.Builder process =
        Process.newBuilder()
            .setId(id)
            .setPid((int) id)
            .setExe(exe)
            .addAllArgs(List.of(line.split(" ")))
            .setUid(33)
            .setUser("www-data");
    process.getContainerBuilder().setId("c0ffee").setName("shop").setImage("shop:1");
    return process;
  }

  private static Process.Builder child(Process parent, long id, String exe, String line) {
    return process(id, exe, line)
        .addAncestors(
            Ancestor.newBuilder()
                .setId(parent.getId())
                .setPid(parent.getPid())
                .setExe(parent.getExe())
                .setCommandLine(String.join(" ", parent.getArgsList())))
        .addAllAncestors(parent.getAncestorsList());
  }

  private static Connection.Builder tcp(String local, int port, String remote, int remotePort) {
    return Connection.newBuilder()
        .setFamily(Connection.Family.INET)
        .setProtocol("tcp")
        .setLocalAddress(local)
        .setLocalPort(port)
        .setRemoteAddress(remote)
        .setRemotePort(remotePort);
  }
}
