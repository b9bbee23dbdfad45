package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Audit;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Credentials;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Fd;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Http;
import dev.interdict.schema.Intrusion;
import dev.interdict.schema.KernelCode;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Lane;
import dev.interdict.schema.Lifecycle;
import dev.interdict.schema.Login;
import dev.interdict.schema.Mount;
import dev.interdict.schema.Process;
import dev.interdict.schema.Shell;
import org.junit.jupiter.api.Test;

final class TraceLineTest {
  private static final Process PROCESS =
      Process.newBuilder()
          .setId(1)
          .setPid(4711)
          .setUser("root")
          .setExe("/usr/bin/bash")
          .addArgs("bash")
          .addArgs("-c")
          .addArgs("a\u001b[2Jb")
          .setContainer(Container.newBuilder().setId("3f2a").setName("web"))
          .build();

  private static String line(Event.Builder event) {
    byte[] bytes = event.setTime(1).build().toByteArray();
    return new TraceLine().format(new EventView().wrap(bytes, 0, bytes.length));
  }

  @Test
  void shouldAlignWithTheHeader() {
    String line =
        line(
            Event.newBuilder()
                .setKind(Kind.OPEN)
                .setProcess(PROCESS)
                .setResult(-13)
                .setOpen(
                    FileOperation.newBuilder()
                        .setPath("/etc/shadow")
                        .setGiven("/tmp/x")
                        .setWatched(true)));
    for (String column : new String[] {"PID=4711", "CONTAINER=web", "PROCESS=bash", "KIND=open"}) {
      String[] parts = column.split("=");
      assertThat(line.indexOf(parts[1])).as(column).isEqualTo(TraceLine.HEADER.indexOf(parts[0]));
    }
    assertThat(line).endsWith("r /etc/shadow  (as /tmp/x)  [watched]  = -13");
  }

  @Test
  void shouldNotLetArgumentsSteerTheTerminal() {
    Fd stdin = Fd.newBuilder().setType(Fd.Type.SOCKET).build();
    String line =
        line(
            Event.newBuilder()
                .setKind(Kind.EXEC)
                .setProcess(PROCESS)
                .setExec(Exec.newBuilder().addFds(stdin).setJustWritten(true)));
    assertThat(line).contains("/usr/bin/bash -c a\\x1b[2Jb  [just written]  [stdin is a socket]");
    assertThat(line.chars()).allMatch(c -> c >= ' ');
  }

  @Test
  void shouldSayWhatBecameOfAFile() {
    FileOperation.Builder file = FileOperation.newBuilder().setPath("/tmp/a").setGiven("a");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.RENAME)
                    .setIoUring(true)
                    .setRename(file.clone().setTarget("/tmp/b"))))
        .endsWith("/tmp/a → /tmp/b  [io_uring]");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.LINK)
                    .setLink(file.clone().setTarget("/etc/shadow").setSymbolic(true))))
        .endsWith("/tmp/a ⇒ /etc/shadow");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.UNLINK)
                    .setUnlink(file.clone().setType("directory"))))
        .endsWith("/tmp/a/");
    assertThat(
            line(Event.newBuilder().setKind(Kind.TRUNCATE).setTruncate(file.clone().setLength(7))))
        .endsWith("/tmp/a to 7 bytes");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.CHMOD)
                    .setResult(-1)
                    .setChmod(file.clone().setMode(04755).setSetuid(true))))
        .endsWith("4755 /tmp/a  [setuid]  = -1");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.CHOWN)
                    .setChown(file.clone().setOwner(33).setGroup(-1))))
        .endsWith("33: /tmp/a");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.MKNOD)
                    .setMknod(
                        file.clone()
                            .setMode(0060600)
                            .setType("block")
                            .setSpecialDevice(8 << 20 | 1))))
        .endsWith("0600 /tmp/a  block 8:1");
  }

  @Test
  void shouldShowWhatIsSeenInsideProcesses() {
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.READLINE)
                    .setReadline(Shell.newBuilder().setLine("curl\t-u ***"))))
        .endsWith("curl\\x09-u ***");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.TLS)
                    .setTls(
                        Http.newBuilder()
                            .setMethod("GET")
                            .setHost("shop")
                            .setPath("/a?token=***")
                            .setSent(true))))
        .endsWith("sent GET shop/a?token=***");
    assertThat(line(Event.newBuilder().setKind(Kind.TLS).setTls(Http.newBuilder().setStatus(418))))
        .endsWith("received status 418");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.AUTHENTICATION)
                    .setAuthentication(
                        Login.newBuilder()
                            .setOperation("authenticate")
                            .setService("sshd")
                            .setUser("root")
                            .setRemoteHost("203.0.113.9")
                            .setSuccess(false))))
        .endsWith("authenticate refused of root by sshd from 203.0.113.9");
  }

  @Test
  void shouldShowContainersAndWhatTheClusterIsAskedFor() {
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.CONTAINER)
                    .setProcess(
                        Process.newBuilder()
                            .setContainer(Container.newBuilder().setImage("web:1").setPod("web-0")))
                    .setContainer(
                        Lifecycle.newBuilder()
                            .setOperation("start")
                            .setPrivileged(true)
                            .setMounts("/etc"))))
        .endsWith("start of web:1 in pod web-0  [privileged] mounts /etc");
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.AUDIT)
                    .setAudit(
                        Audit.newBuilder()
                            .setUser("mallory")
                            .setVerb("create")
                            .setResource("pods")
                            .setSubresource("exec")
                            .setNamespace("shop")
                            .setName("web-0")
                            .setCommand("sh")
                            .setStatus(101))))
        .endsWith("mallory create pods/exec shop/web-0 command sh  = 101");
  }

  @Test
  void shouldShowBothEndsOfAConnection() {
    Connection connection =
        Connection.newBuilder()
            .setFamily(Connection.Family.INET6)
            .setLocalAddress("::1")
            .setLocalPort(40_000)
            .setRemoteAddress("2001:db8::1")
            .setRemotePort(443)
            .build();
    assertThat(
            line(
                Event.newBuilder()
                    .setKind(Kind.CONNECT)
                    .setProcess(PROCESS)
                    .setConnect(connection)))
        .endsWith("[::1]:40000 → [2001:db8::1]:443");
  }

  @Test
  void shouldSayWhatIsMissing() {
    Gap gap =
        Gap.newBuilder()
            .setReason(Gap.Reason.RING_FULL)
            .setLane(Lane.FILE)
            .setCount(12)
            .setCounted(true)
            .build();
    assertThat(line(Event.newBuilder().setKind(Kind.GAP).setGap(gap)))
        .endsWith("12 events of the file lane are missing: ring full");
  }

  @Test
  void shouldSayWhoBecameWhomAndWhoReachesIntoWhom() {
    Credentials.Builder root =
        Credentials.newBuilder().setCall("setuid").setUid(0).setOldUid(1000).setEuid(0);
    assertThat(line(Event.newBuilder().setKind(Kind.SETUID).setSetuid(root)))
        .endsWith("setuid uid 1000 → 0 euid 0");
    Intrusion.Builder kill =
        Intrusion.newBuilder().setOperation("kill").setSignal(9).setPid(7).setExe("/opt/a\nb");
    assertThat(line(Event.newBuilder().setKind(Kind.SIGNAL).setResult(-1).setSignal(kill)))
        .endsWith("kill signal 9 pid 7 /opt/a\\x0ab  = -1");
    Mount.Builder mount =
        Mount.newBuilder().setOperation("mount").setType("ext4").setSource("/dev/sda1");
    assertThat(line(Event.newBuilder().setKind(Kind.MOUNT).setMount(mount.setTarget("/mnt"))))
        .endsWith("mount ext4 /dev/sda1 → /mnt");
    KernelCode.Builder module =
        KernelCode.newBuilder()
            .setOperation("finit_module")
            .setName("evil")
            .setPath("/tmp/evil.ko");
    assertThat(line(Event.newBuilder().setKind(Kind.MODULE).setModule(module)))
        .endsWith("finit_module evil /tmp/evil.ko");
  }
}
