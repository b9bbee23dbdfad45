package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Credentials;
import dev.interdict.schema.Event;
import dev.interdict.schema.Intrusion;
import dev.interdict.schema.KernelCode;
import dev.interdict.schema.Key;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Memory;
import dev.interdict.schema.Mount;
import dev.interdict.schema.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real system calls of every kind of privilege and escape. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PrivilegeKindsIT {
  private static final String VICTIM = "victim_privilege";
  private static final int EPERM = -1;
  private static final int NOBODY = 65534;

  @TempDir private static Path directory;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    victims = new Victims(directory, config -> config);
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  private List<Event> all(String token, Kind kind) {
    victims.await(token, Kind.EXIT, e -> true);
    return victims.events.stream()
        .filter(e -> e.getKind() == kind && e.getProcess().getArgsList().contains(token))
        .toList();
  }

  private static void checkContainer(Place place, Event event, String id) {
    assertThat(event.getProcess().getContainer().getId())
        .isEqualTo(place == Place.CONTAINER ? id : "");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeIdsChange(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "ids", "drop");
    Event drop =
        victims.await(token, Kind.SETUID, e -> e.getSetuid().getCall().equals("setresuid"));
    checkContainer(place, drop, victims.containerId);
    Credentials after = drop.getSetuid();
    assertThat(after.getUid()).isEqualTo(NOBODY);
    assertThat(after.getEuid()).isEqualTo(NOBODY);
    assertThat(after.getSuid()).isZero();
    assertThat(after.hasSuid()).isTrue();
    assertThat(after.getOldUid()).isZero();
    assertThat(after.hasOldUid()).isTrue();
    assertThat(after.getEffective()).isEmpty();
    Event back = victims.await(token, Kind.SETUID, e -> e.getSetuid().getCall().equals("setreuid"));
    assertThat(back.getSetuid().getEuid()).isZero();
    assertThat(back.getSetuid().getUid()).isEqualTo(NOBODY);
    assertThat(back.getSetuid().getOldEuid()).isEqualTo(NOBODY);
    assertThat(back.getSetuid().getAdded().split(",")).contains("sys_admin", "setuid");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeGroupsAndTheIdsForFilesChange(Place place) throws IOException {
    Event group = victims.await(victims.run(place, VICTIM, "ids", "group"), Kind.SETUID, e -> true);
    victims.checkPlace(place, group);
    assertThat(group.getSetuid().getCall()).isEqualTo("setregid");
    assertThat(group.getSetuid().getEgid()).isEqualTo(NOBODY);
    assertThat(group.getSetuid().getGid()).isZero();
    Event files = victims.await(victims.run(place, VICTIM, "ids", "files"), Kind.SETUID, e -> true);
    victims.checkPlace(place, files);
    assertThat(files.getSetuid().getCall()).isEqualTo("setfsuid");
  }

  @Test
  void shouldNotTellOfIdsThatStayAsTheyWere() throws IOException {
    assertThat(all(victims.run(Place.HOST, VICTIM, "ids", "same"), Kind.SETUID)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeThatIdsWereRefused(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "ids", "refused");
    Event refused = victims.await(token, Kind.SETUID, e -> e.getResult() < 0);
    checkContainer(place, refused, victims.containerId);
    assertThat(refused.getResult()).isEqualTo(EPERM);
    assertThat(refused.getSetuid().getCall()).isEqualTo("setuid");
    assertThat(refused.getSetuid().hasUid()).isTrue();
    assertThat(refused.getSetuid().getUid()).isZero();
    assertThat(refused.getSetuid().getOldUid()).isEqualTo(NOBODY);
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void shouldSeeIdsChangedByA16BitCall() throws IOException {
    Event event =
        victims.await(victims.run(Place.HOST, VICTIM, "ids", "16"), Kind.SETUID, e -> true);
    assertThat(event.getSetuid().getUid()).isEqualTo(NOBODY);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeCapabilitiesChange(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "capabilities", "raise");
    Event raised =
        victims.await(token, Kind.CAPSET, e -> e.getCapset().getAdded().equals("sys_chroot"));
    victims.checkPlace(place, raised);
    assertThat(raised.getCapset().getEffective().split(",")).contains("sys_chroot", "sys_admin");
    assertThat(raised.getCapset().getPermitted().split(",")).contains("sys_chroot");
    Event lowered = victims.await(token, Kind.CAPSET, e -> e.getCapset().getAdded().isEmpty());
    assertThat(lowered.getCapset().getEffective().split(",")).doesNotContain("sys_chroot");
    String without = victims.run(place, VICTIM, "capabilities", "refused");
    Event refused = victims.await(without, Kind.CAPSET, e -> e.getResult() == EPERM);
    assertThat(refused.getCapset().getEffective()).isEqualTo("sys_admin");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeNewNamespaces(Place place) throws IOException {
    Event made =
        victims.await(
            victims.run(place, VICTIM, "namespaces", "new"),
            Kind.UNSHARE,
            e -> e.getUnshare().getTypes().contains("net"));
    victims.checkPlace(place, made);
    assertThat(made.getUnshare().getTypes()).isEqualTo("uts,net");
    assertThat(made.getUnshare().getFlags()).isEqualTo(0x4400_0200);
    assertThat(all(victims.run(Place.HOST, VICTIM, "namespaces", "files"), Kind.UNSHARE)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhichNamespaceIsEntered(Place place) throws IOException {
    Event entered =
        victims.await(victims.run(place, VICTIM, "namespaces", "enter"), Kind.SETNS, e -> true);
    victims.checkPlace(place, entered);
    Namespaces own = entered.getSetns();
    assertThat(own.getTypes()).isEqualTo("uts");
    assertThat(own.getFlags()).isZero();
    String link = Files.readSymbolicLink(Path.of("/proc/self/ns/uts")).toString();
    assertThat("uts:[" + own.getInode() + "]")
        .satisfies(inode -> assertThat(inode.equals(link)).isEqualTo(place == Place.HOST));
    Namespaces ofProcess =
        victims
            .await(victims.run(place, VICTIM, "namespaces", "process"), Kind.SETNS, e -> true)
            .getSetns();
    assertThat(ofProcess.getTypes()).isEqualTo("uts,ipc");
    assertThat(ofProcess.hasInode()).isFalse();
    Path bound = Files.createFile(directory.resolve("ns-" + place));
    Namespaces found =
        victims
            .await(
                victims.run(place, VICTIM, "namespaces", bound.toString()), Kind.SETNS, e -> true)
            .getSetns();
    assertThat(found.getPath()).isEqualTo(bound.toString());
    assertThat(found.getInode()).isPositive();
  }

  private Mount mount(String token, String operation) {
    return victims
        .await(token, Kind.MOUNT, e -> e.getMount().getOperation().equals(operation))
        .getMount();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeMounts(Place place) throws IOException {
    Path top = Files.createDirectory(directory.resolve("mounts-" + place));
    String a = Files.createDirectory(top.resolve("a")).toString();
    String b = Files.createDirectory(top.resolve("b")).toString();
    String token = victims.run(place, VICTIM, "mounts", top.toString());
    Event event =
        victims.await(token, Kind.MOUNT, e -> e.getMount().getOperation().equals("mount"));
    victims.checkPlace(place, event);
    assertThat(event.getMount().getSource()).isEqualTo("victim");
    assertThat(event.getMount().getTarget()).isEqualTo(a);
    assertThat(event.getMount().getType()).isEqualTo("tmpfs");
    assertThat(event.getMount().getFlags()).isEqualTo(2);
    assertThat(mount(token, "propagate").getTarget()).isEqualTo("/");
    assertThat(mount(token, "bind").getSource()).isEqualTo(top.toString());
    assertThat(mount(token, "bind").getTarget()).isEqualTo(b);
    assertThat(mount(token, "remount").getTarget()).isEqualTo(b);
    assertThat(mount(token, "umount").getTarget()).isEqualTo(b);
    assertThat(mount(token, "umount").getFlags()).isEqualTo(2);
    assertThat(mount(token, "fsopen").getType()).isEqualTo("tmpfs");
    assertThat(mount(token, "fsmount").getType()).isEqualTo("tmpfs");
    assertThat(mount(token, "move_mount").getTarget()).isEqualTo(b);
    assertThat(mount(token, "open_tree").getTarget()).isEqualTo(top.toString());
    if (!System.getProperty("os.version").startsWith("5.10.")) { // it came with 5.12
      assertThat(mount(token, "mount_setattr").getTarget()).isEqualTo(b);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeRootsChange(Place place) throws IOException {
    Path top = Files.createDirectory(directory.resolve("root-" + place));
    String token = victims.run(place, VICTIM, "roots", top.toString());
    Event chroot =
        victims.await(token, Kind.CHROOT, e -> e.getChroot().getOperation().equals("chroot"));
    victims.checkPlace(place, chroot);
    if (chroot.getChroot().getTarget().equals(top + "/old")) {
      assertThat(Files.readString(Path.of("/proc/mounts"))).as("no pivot").startsWith("rootfs / ");
      return;
    }
    assertThat(chroot.getChroot().getTarget()).isEqualTo("/old");
    Event pivot =
        victims.await(token, Kind.CHROOT, e -> e.getChroot().getOperation().equals("pivot_root"));
    victims.checkPlace(place, pivot);
    assertThat(pivot.getChroot().getTarget()).isEqualTo(top.toString());
    assertThat(pivot.getChroot().getSource()).isEqualTo(top + "/old");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeThatMountsRootsAndNamespacesWereRefused(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "mount-refused");
    Event mount = victims.await(token, Kind.MOUNT, e -> e.getResult() == EPERM);
    checkContainer(place, mount, victims.containerId);
    assertThat(mount.getMount().getTarget()).isEqualTo("/mnt");
    Event chroot = victims.await(token, Kind.CHROOT, e -> e.getResult() == EPERM);
    assertThat(chroot.getChroot().getTarget()).isEqualTo("/mnt/..");
    Event unshare = victims.await(token, Kind.UNSHARE, e -> e.getResult() == EPERM);
    assertThat(unshare.getUnshare().getTypes()).isEqualTo("mnt");
  }

  /** The target is a child of the victim's, known by its end: the victim ends every one. */
  private void checkTarget(Intrusion intrusion, Event by) {
    List<String> args = by.getProcess().getArgsList();
    assertThat(intrusion.getPid()).isNotEqualTo(by.getProcess().getPid()).isPositive();
    assertThat(intrusion.getExe()).isEqualTo(Victims.program(VICTIM).toString());
    Event end =
        victims.await(
            args.get(args.size() - 1),
            Kind.EXIT,
            e -> e.getProcess().getPid() == intrusion.getPid());
    assertThat(intrusion.getId()).isEqualTo(end.getProcess().getId());
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoTracesWhom(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "trace", "attach");
    for (String operation : List.of("attach", "poke", "setregs")) {
      Event event =
          victims.await(token, Kind.PTRACE, e -> e.getPtrace().getOperation().equals(operation));
      victims.checkPlace(place, event);
      checkTarget(event.getPtrace(), event);
    }
    assertThat(all(token, Kind.PTRACE)).as("a hundred words are poked").hasSizeLessThan(10);
    Event seize =
        victims.await(victims.run(place, VICTIM, "trace", "seize"), Kind.PTRACE, e -> true);
    assertThat(seize.getPtrace().getOperation()).isEqualTo("seize");
    checkTarget(seize.getPtrace(), seize);
    Event refused =
        victims.await(victims.run(place, VICTIM, "trace", "refused"), Kind.PTRACE, e -> true);
    assertThat(refused.getResult()).isEqualTo(EPERM);
    checkTarget(refused.getPtrace(), refused);
  }

  @Test
  void shouldSeeWhoLetsItselfBeTraced() throws IOException {
    Event event = victims.await(victims.run(Place.HOST, VICTIM, "traceme"), Kind.PTRACE, e -> true);
    assertThat(event.getPtrace().getOperation()).isEqualTo("traceme");
    assertThat(event.getPtrace().getPid()).isEqualTo((int) ProcessHandle.current().pid());
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoWritesIntoAnothersMemory(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "write", "into");
    Event event = victims.await(token, Kind.VMWRITE, e -> true);
    victims.checkPlace(place, event);
    assertThat(event.getVmwrite().getOperation()).isEqualTo("writev");
    assertThat(event.getVmwrite().getLength()).isEqualTo(37);
    checkTarget(event.getVmwrite(), event);
    assertThat(all(token, Kind.VMWRITE)).as("its own memory does not count").hasSize(1);
    Event refused =
        victims.await(victims.run(place, VICTIM, "write", "refused"), Kind.VMWRITE, e -> true);
    assertThat(refused.getResult()).isEqualTo(EPERM);
    checkTarget(refused.getVmwrite(), refused);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoEndsOrStopsAnother(Place place) throws IOException {
    Event kill =
        victims.await(
            victims.run(place, VICTIM, "signals", "kill"),
            Kind.SIGNAL,
            e -> e.getSignal().getSignal() == 9);
    victims.checkPlace(place, kill);
    assertThat(kill.getResult()).isZero();
    assertThat(kill.getSignal().getOperation()).isEqualTo("kill");
    checkTarget(kill.getSignal(), kill);
    Event pidfd =
        victims.await(victims.run(place, VICTIM, "signals", "pidfd"), Kind.SIGNAL, e -> true);
    assertThat(pidfd.getSignal().getSignal()).isEqualTo(15);
    Event thread =
        victims.await(victims.run(place, VICTIM, "signals", "thread"), Kind.SIGNAL, e -> true);
    assertThat(thread.getSignal().getSignal()).isEqualTo(19);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeThatASignalWasRefused(Place place) throws IOException {
    for (String how : List.of("refused", "pidfd-refused")) {
      Event event =
          victims.await(victims.run(place, VICTIM, "signals", how), Kind.SIGNAL, e -> true);
      checkContainer(place, event, victims.containerId);
      assertThat(event.getResult()).isEqualTo(EPERM);
      checkTarget(event.getSignal(), event);
    }
  }

  @Test
  void shouldNotTellOfWhoEndsItsOwn() throws IOException {
    assertThat(all(victims.run(Place.HOST, VICTIM, "signals", "own"), Kind.SIGNAL)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeFilesInMemory(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "memfd", "kworker");
    Event event = victims.await(token, Kind.MEMFD, e -> true);
    victims.checkPlace(place, event);
    assertThat(event.getMemfd().getOperation()).isEqualTo("memfd_create");
    assertThat(event.getMemfd().getName()).isEqualTo("kworker");
    assertThat(event.getMemfd().getFlags()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWrittenMemoryMadeExecutable(Place place) throws IOException {
    Event anonymous =
        victims.await(
            victims.run(place, VICTIM, "executable", "anonymous"), Kind.MPROTECT, e -> true);
    victims.checkPlace(place, anonymous);
    Memory memory = anonymous.getMprotect();
    assertThat(memory.getOperation()).isEqualTo("mprotect");
    assertThat(memory.getProtection()).isEqualTo("r-x");
    assertThat(memory.getLength()).isEqualTo(4096);
    assertThat(memory.getAddress()).isPositive();
    assertThat(memory.getPath()).isEmpty();
    Event file =
        victims.await(
            victims.run(place, VICTIM, "executable", "written"), Kind.MPROTECT, e -> true);
    assertThat(file.getMprotect().getPath()).isEqualTo(Victims.program(VICTIM).toString());
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeMemoryThatIsWritableAndExecutableOnce(Place place) throws IOException {
    List<Event> both = all(victims.run(place, VICTIM, "executable", "both"), Kind.MPROTECT);
    assertThat(both).hasSize(1);
    assertThat(both.get(0).getMprotect().getOperation()).isEqualTo("mmap");
    assertThat(both.get(0).getMprotect().getProtection()).isEqualTo("rwx");
  }

  @Test
  void shouldNotTellOfCodeThatIsTheFiles() throws IOException {
    assertThat(all(victims.run(Place.HOST, VICTIM, "executable", "unwritten"), Kind.MPROTECT))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoHandlesItsOwnPageFaults(Place place) throws IOException {
    Event event =
        victims.await(victims.run(place, VICTIM, "userfaultfd"), Kind.USERFAULTFD, e -> true);
    victims.checkPlace(place, event);
    assertThat(event.getUserfaultfd().getOperation()).isEqualTo("userfaultfd");
  }

  private KernelCode code(String token, Kind kind, String operation) {
    Event event =
        victims.await(
            token,
            kind,
            e ->
                (kind == Kind.MODULE ? e.getModule() : kind == Kind.BPF ? e.getBpf() : e.getKexec())
                    .getOperation()
                    .equals(operation));
    if (kind != Kind.BPF) {
      assertThat(event.getResult()).isNegative();
    }
    return kind == Kind.MODULE
        ? event.getModule()
        : kind == Kind.BPF ? event.getBpf() : event.getKexec();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeModulesThatAreTried(Place place) throws IOException {
    Path file = Files.writeString(directory.resolve("evil_" + place + ".ko"), "no module");
    String token = victims.run(place, VICTIM, "modules", file.toString());
    victims.checkPlace(place, victims.await(token, Kind.MODULE, e -> true));
    KernelCode finit = code(token, Kind.MODULE, "finit_module");
    assertThat(finit.getPath()).isEqualTo(file.toString());
    assertThat(finit.getName()).isEqualTo("evil_" + place);
    assertThat(finit.getParameters()).isEqualTo("answer=43");
    assertThat(code(token, Kind.MODULE, "init_module").getParameters()).isEqualTo("answer=42");
    assertThat(code(token, Kind.MODULE, "delete_module").getName())
        .isEqualTo("interdict_no_such_module");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeKernelsThatAreTried(Place place) throws IOException {
    Path file = Files.writeString(directory.resolve("vmlinuz-" + place), "no kernel");
    String token = victims.run(place, VICTIM, "kernels", file.toString());
    victims.checkPlace(place, victims.await(token, Kind.KEXEC, e -> true));
    assertThat(code(token, Kind.KEXEC, "kexec_load").getFlags()).isEqualTo(0xff00);
    KernelCode load = code(token, Kind.KEXEC, "kexec_file_load");
    assertThat(load.getPath()).isEqualTo(file.toString());
    assertThat(load.getParameters()).isEqualTo("quiet");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeProgramsLoadedAndDetached(Place place) throws IOException {
    Path cgroup = new ProcFiles(Path.of("/proc")).cgroupRoot().resolve(victims.containerId);
    String token = victims.run(place, VICTIM, "programs", cgroup.toString());
    victims.checkPlace(place, victims.await(token, Kind.BPF, e -> true));
    for (String operation : List.of("prog_load", "prog_detach", "link_detach")) {
      KernelCode code = code(token, Kind.BPF, operation);
      assertThat(code.getName()).as(operation).isEqualTo("victim");
      assertThat(code.getType()).as(operation).isEqualTo("cgroup_skb");
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeKeysUsed(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "keys");
    Event added =
        victims.await(token, Kind.KEYCTL, e -> e.getKeyctl().getOperation().equals("add_key"));
    victims.checkPlace(place, added);
    Key key = added.getKeyctl();
    assertThat(key.getType()).isEqualTo("user");
    assertThat(key.getDescription()).isEqualTo("victim-key");
    assertThat(key.getSerial()).isPositive();
    for (String operation : List.of("read", "request_key")) {
      Event event =
          victims.await(token, Kind.KEYCTL, e -> e.getKeyctl().getOperation().equals(operation));
      assertThat(event.getKeyctl().getSerial()).isEqualTo(key.getSerial());
    }
    Event search =
        victims.await(token, Kind.KEYCTL, e -> e.getKeyctl().getOperation().equals("search"));
    assertThat(search.getKeyctl().getDescription()).isEqualTo("victim-key");
  }
}
