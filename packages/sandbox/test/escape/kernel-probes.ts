import { readdirSync, readFileSync } from "node:fs";
import { type FilterArch, type SystemCall, systemCallNumber } from "../../src/seccomp/system-calls.ts";
import { must, type Probe, WRITING } from "./probe.ts";

/** What the suite allows: enough for what has to work, and little enough that reaching it is no load. */
export const MOST_PROCESSES = 160;

const arch: FilterArch = process.arch === "arm64" ? "arm64" : "x64";

/** Makes the call through perl; a result that is not an error is an escape. */
function call(name: SystemCall, args: string, prepare = ""): string {
  const number = systemCallNumber(name, arch);
  return number === undefined
    ? "true"
    : `perl -e '${prepare}; my $r = syscall(${number}, ${args}); print "ESCAPED" if $r >= 0'`;
}

const status = (field: string, wanted: string): string =>
  `[ "$(awk '/^${field}:/ { print $2 }' /proc/self/status)" = ${wanted} ] || echo ESCAPED`;

function survivors(mark: string): string | undefined {
  const left = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(mark);
    } catch {
      // It ended while we looked.
      return false;
    }
  });
  return left.length > 0 ? `${left.length} left: ${left.join(" ")}` : undefined;
}

/** Processes, privileges and the kernel itself. */
export const KERNEL_PROBES: readonly Probe[] = [
  must("proc.signal", "kill -0 $VICTIM 2>/dev/null && grep -q sleep /proc/$VICTIM/comm && echo ESCAPED"),
  must("proc.sees-only-its-own", "[ $(ls -d /proc/[0-9]* | wc -l) -lt 12 ] || echo ESCAPED"),
  must("proc.capabilities", status("CapEff", "0000000000000000")),
  must("proc.capabilities-bounding", status("CapBnd", "0000000000000000")),
  must("proc.no-new-privileges", status("NoNewPrivs", "1")),
  must("proc.filter", status("Seccomp", "2")),
  must("proc.user-namespace", "unshare -Ur true 2>/dev/null && echo ESCAPED"),
  must("proc.mount-namespace", "unshare -m true 2>/dev/null && echo ESCAPED"),
  must(
    "proc.mount-in-user-namespace",
    "unshare -Urm sh -c 'mount -o remount,rw,bind / && echo ESCAPED' 2>/dev/null",
  ),
  must("proc.remount", "mount -o remount,rw,bind / 2>/dev/null && echo ESCAPED"),
  must("proc.enter", "nsenter -t 1 -m true 2>/dev/null && echo ESCAPED"),
  must("proc.change-root", "chroot / /bin/true 2>/dev/null && echo ESCAPED"),
  must("proc.sudo", "sudo -n true 2>/dev/null && echo ESCAPED"),
  must("proc.own-session", `[ "$(awk '{ print $6 }' /proc/self/stat)" != 0 ] || echo ESCAPED`),
  must(
    "proc.daemon",
    `setsid sh -c '(sleep 1234.5 & sleep 1234.5) &'; perl -e 'exit if fork; exit if fork; $0="daemon-$ENV{CANARY}"; sleep 60'; true`,
    {
      outside: (world) => survivors(`daemon-${world.canary}`) ?? survivors("1234.5"),
    },
  ),
  must("call.ptrace", call("ptrace", "16, $pid, 0, 0", "my $pid = fork; if (!$pid) { sleep 2; exit }")),
  must(
    "call.read-memory",
    call(
      "process_vm_readv",
      "$$, $v, 1, $v, 1, 0",
      'my $b = "x" x 8; my $v = pack("QQ", unpack("Q", pack("p", $b)), 8)',
    ),
  ),
  must("call.steal-descriptor", call("pidfd_getfd", "0, 0, 0")),
  must("call.add-key", call("add_key", "$a, $b, $c, 1, -4", 'my ($a, $b, $c) = ("user\\0", "q\\0", "x")')),
  must("call.key-control", call("keyctl", "0, -3, 1")),
  must("call.bpf", call("bpf", "0, $a, 128", 'my $a = pack("IIII", 2, 4, 4, 1) . ("\\0" x 112)')),
  must(
    "call.perf",
    call("perf_event_open", "$a, 0, -1, -1, 0", 'my $a = pack("IIQ", 1, 112, 0) . ("\\0" x 96)'),
  ),
  must("call.io-uring", call("io_uring_setup", "4, $p", 'my $p = "\\0" x 120')),
  must("call.userfaultfd", call("userfaultfd", "1")),
  must("call.kernel-log", call("syslog", "10, 0, 0")),
  must("call.personality", call("personality", "0x0040000")),
  must("call.new-mount", call("fsopen", "$t, 0", 'my $t = "tmpfs\\0"')),
  must("call.clone-tree", call("open_tree", "-100, $p, 1", 'my $p = "/\\0"')),
  must("call.handle", call("open_by_handle_at", "-100, $h, 0", 'my $h = pack("II", 8, 1) . ("\\0" x 8)')),
  must("call.clone-user", call("clone", "0x10000011, 0, 0, 0, 0")),
  must(
    "call.clone3",
    call("clone3", "$a, 88", 'my $a = pack("Q11", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)'),
  ),
  must(
    "call.openat2",
    call("openat2", "-100, $p, $h, 24", 'my $p = "/etc/passwd\\0"; my $h = pack("QQQ", 0, 0, 0)'),
  ),
  must("call.kexec", call("kexec_file_load", "-1, -1, 0, 0, 0")),
  must("call.fanotify", call("fanotify_init", "0x200, 0")),
  must(
    "call.x32",
    arch === "x64" ? `perl -e 'my $r = syscall(0x40000000 + 39); print "ESCAPED" if $r > 0'` : "true",
  ),
  must("call.compare", call("kcmp", "$$, $$, 0, 0, 0")),
  must(
    "tty.push",
    `perl -e 'open(my $t, "+<", "/dev/tty") or exit; my $c = "#"; print "ESCAPED" if ioctl($t, 0x5412, $c)'`,
    { tty: true },
  ),
  must("tty.console-paste", `perl -e 'my $c = chr(2); print "ESCAPED" if ioctl(STDIN, 0x541c, $c)'`, {
    tty: true,
  }),
  // Both end by themselves where nothing limits them: 600 processes, or 1024 in ten doublings.
  must(
    "limit.processes",
    `perl -e 'my $n = 0; for (1..600) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } $n++; push @k, $p } kill 9, @k; print "ESCAPED $n" if $n >= ${MOST_PROCESSES}'`,
  ),
  must(
    "limit.processes-that-multiply",
    `perl -e 'pipe(my $in, my $out); my $first = $$; for (1..10) { fork // last } syswrite($out, "x"); if ($$ != $first) { sleep 60; exit } select(undef, undef, undef, 0.5); sysread($in, my $all, 4096); my $n = length $all; print "ESCAPED $n" if $n > ${MOST_PROCESSES}'`,
  ),
  must("limit.descriptors", "[ $(ulimit -n) -le 8192 ] || echo ESCAPED"),
  must("limit.raise", "ulimit -Hn 65536 2>/dev/null && echo ESCAPED", WRITING),
];
