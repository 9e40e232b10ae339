import { must, type Probe, WRITING } from "./probe.ts";

const nothingArrived = {
  outside: (world: { reached(): number }) => (world.reached() > 0 ? `${world.reached()} arrived` : undefined),
};

const pair = (type: number, then: string): string =>
  `perl -e 'use Socket; my $to = pack_sockaddr_un($ENV{HOST_DATAGRAMS}); socketpair(my $a, my $b, 1, ${type}, 0) or exit; ${then}; print "ESCAPED" if $sent'`;

/** Ways in and out that are easily forgotten: what /proc shows, what was left open, what the kernel keeps by name. */
export const LEAK_PROBES: readonly Probe[] = [
  must(
    "leak.proc-nothing-writable",
    "find /proc/sys /proc/irq /proc/bus /proc/fs /proc/acpi /proc/sysrq-trigger -type f -writable 2>/dev/null | head -1 | grep -q . && echo ESCAPED",
  ),
  must(
    "leak.proc-memory",
    "for f in kcore kmsg kpagecount; do head -c 1 /proc/$f | grep -q . && echo ESCAPED; done; true",
  ),
  must(
    "leak.proc-first-memory",
    "dd if=/proc/1/mem bs=1 count=1 skip=4194304 2>/dev/null | grep -q . && echo ESCAPED",
  ),
  must(
    "leak.proc-old-root",
    "ls -d /oldroot /newroot /proc/1/root/oldroot 2>/dev/null | grep -q . && echo ESCAPED",
  ),
  must(
    "leak.proc-of-host",
    `[ -e /proc/$VICTIM/environ ] && grep -aq -- $CANARY-env /proc/$VICTIM/environ && echo ESCAPED`,
  ),
  must("leak.descriptors", "[ $(ls /proc/self/fd | wc -l) -le 4 ] || echo ESCAPED"),
  // By a plain command: while a shell starts a substitution, it has both ends of its pipe.
  must(
    "leak.descriptors-of-shell",
    "ls /proc/$$/fd > /tmp/open; [ $(grep -vcx 255 /tmp/open) -eq 3 ] || echo ESCAPED $(cat /tmp/open)",
  ),
  must("leak.descriptor-script", "echo x >&6 && echo ESCAPED; echo x >&9 && echo ESCAPED; true"),
  must("leak.variables-of-launch", "env | grep -Eiq '^(quire_line|OLDPWD)=' && echo ESCAPED"),
  must("leak.runtime-folder", "ls -A $(dirname $WS)/runtime 2>/dev/null | grep -q . && echo ESCAPED"),
  must("leak.shared-memory", "ls -A /dev/shm | grep -q . && echo ESCAPED"),
  must("leak.host-queues", "ipcs 2>/dev/null | grep -Eq '^0x' && echo ESCAPED", { needs: "ipcs" }),
  must(
    "leak.datagram-pair-connected",
    pair(2, "my $sent = connect($a, $to) && send($a, 1, 0)"),
    nothingArrived,
  ),
  must("leak.datagram-pair-addressed", pair(2, "my $sent = send($a, 1, 0, $to)"), nothingArrived),
  must("leak.raw-pair", pair(3, "my $sent = send($a, 1, 0, $to)"), nothingArrived),
  must("leak.packet-pair", pair(5, "my $sent = connect($a, $to)"), nothingArrived),
  must(
    "leak.stream-pair",
    pair(1, "shutdown($a, 2); close($b); my $sent = connect($a, $to)"),
    nothingArrived,
  ),
  must(
    "leak.own-abstract-socket",
    `perl -e 'use Socket; socket(my $s,1,1,0) && bind($s,pack("S a*",1,"\\0q")) && print "ESCAPED"'`,
  ),
  must(
    "leak.host-name",
    "hostname escaped 2>/dev/null && echo ESCAPED; domainname x 2>/dev/null && echo ESCAPED",
    {
      needs: "hostname",
    },
  ),
  must("leak.clock", "date -s @0 >/dev/null 2>&1 && echo ESCAPED"),
  must(
    "leak.core-pipe",
    `printf '|/tmp/x' > /proc/sys/kernel/core_pattern; grep -q '/tmp/x' /proc/sys/kernel/core_pattern && echo ESCAPED`,
  ),
  must("leak.priority", "nice -n -5 sh -c '[ $(nice) -lt 0 ] && echo ESCAPED' 2>/dev/null"),
  must(
    "leak.nested-namespaces",
    "unshare -Ur unshare -Urm true 2>/dev/null && echo ESCAPED; [ -w /proc/sys/user/max_user_namespaces ] && echo ESCAPED; true",
  ),
  must(
    "leak.device-files",
    "cd /dev && for d in *; do case $d in null|zero|full|random|urandom|tty|console|pts|ptmx|shm|fd|core|std*) ;; *) echo ESCAPED $d;; esac; done",
  ),
  must(
    "leak.memory-descriptor-set-id",
    `perl -e 'my $n = "q\\0"; my $f = syscall(${process.arch === "arm64" ? 279 : 319}, $n, 0); exit if $f < 0; print "ESCAPED" if chmod(04755, "/proc/self/fd/$f")'`,
  ),
  must("leak.file-beside-workspace", "echo x > $WS/../beside && echo ESCAPED", WRITING),
];
