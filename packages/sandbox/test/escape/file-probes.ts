import { existsSync } from "node:fs";
import { join } from "node:path";
import { must, type Probe, WRITING } from "./probe.ts";
import type { World } from "./world.ts";

const made = (name: string) => (world: World) =>
  existsSync(join(world.outside, name)) ? `${name} exists outside` : undefined;

const kept = (world: World): string | undefined =>
  world.read(join(world.outside, "kept.txt")) === "untouched\n" ? undefined : "kept.txt was changed";

/** Writing where a command must not. */
export const FILE_PROBES: readonly Probe[] = [
  must("file.absolute", "echo x > $OUT/w1 && echo ESCAPED", { outside: made("w1") }),
  must("file.dotdot", "echo x > $WS/../out/w2 && echo ESCAPED", { outside: made("w2") }),
  must("file.existing-link", "echo x > $WS/to-outside/w3 && echo ESCAPED", { outside: made("w3") }),
  must("file.new-link", "ln -s $OUT l1; echo x > l1/w4 && echo ESCAPED", { outside: made("w4") }),
  must("file.hard-link", "ln $OUT/kept.txt h1 && echo x >> h1 && echo ESCAPED", { outside: kept }),
  must("file.move-out", "echo x > m1; mv m1 $OUT/w5 && echo ESCAPED", { outside: made("w5") }),
  must("file.append", "echo x >> $OUT/kept.txt && echo ESCAPED", { outside: kept }),
  must("file.truncate", "truncate -s 0 $OUT/kept.txt && echo ESCAPED", { outside: kept }),
  must("file.delete", "rm -f $OUT/victim.txt && echo ESCAPED", {
    outside: (world) => (existsSync(join(world.outside, "victim.txt")) ? undefined : "victim.txt is gone"),
  }),
  must("file.chmod", "chmod 666 $OUT/kept.txt && echo ESCAPED"),
  must("file.proc-1-root", "echo x > /proc/1/root$OUT/w6 && echo ESCAPED", { outside: made("w6") }),
  must("file.proc-self-root", "echo x > /proc/self/root$OUT/w7 && echo ESCAPED", { outside: made("w7") }),
  must(
    "file.proc-fd-of-first",
    "for f in /proc/1/fd/*; do echo x > $f/w8; done; [ -e $OUT/w8 ] && echo ESCAPED",
    { outside: made("w8") },
  ),
  must("file.home-new", "echo x > $HOME/new-file && echo ESCAPED"),
  must("file.home-start-up", "echo x >> $HOME/.bashrc && echo ESCAPED"),
  must("file.system-preload", "echo x >> /etc/ld.so.preload && echo ESCAPED"),
  must("file.system-program", "echo x > /usr/local/bin/escape-probe && echo ESCAPED"),
  must(
    "file.cron",
    "mkdir -p /var/spool/cron/crontabs && echo x > /var/spool/cron/crontabs/x && echo ESCAPED",
  ),
  must("file.var-lib", "echo x > /var/lib/escape-probe && echo ESCAPED"),
  must("file.read-only-workspace", "echo x > $WS/w9 && echo ESCAPED", { modes: ["read-only"] }),
  must("file.tmp-is-private", "echo x > /tmp/$CANARY; echo x > /var/tmp/$CANARY; echo x > /dev/shm/$CANARY", {
    outside: (world) =>
      ["/tmp", "/var/tmp", "/dev/shm"].find((folder) => existsSync(join(folder, world.canary))),
  }),
  must(
    "file.core-pattern",
    "cat /proc/sys/kernel/core_pattern > /tmp/c; cat /tmp/c > /proc/sys/kernel/core_pattern && echo ESCAPED",
  ),
  must("file.sysctl-net", "echo 1 > /proc/sys/net/ipv4/ip_forward && echo ESCAPED"),
  must("file.sysrq", "exec 3> /proc/sysrq-trigger && echo ESCAPED"),
  must("file.interrupts", "f=$(ls -d /proc/irq/*/smp_affinity | head -1); exec 3> $f && echo ESCAPED"),
  must("file.sysfs", "exec 3> /sys/kernel/mm/transparent_hugepage/enabled && echo ESCAPED"),
  must("file.control-groups", "mkdir /sys/fs/cgroup/x /sys/fs/cgroup/pids/x && echo ESCAPED"),
  must("file.disk-node", "mknod /tmp/d b 254 0 && head -c 1 /tmp/d && echo ESCAPED"),
  must("file.disk-in-dev", "ls /dev | grep -Eq '^(sd|vd|nvme|xvd|mem|kmem|kvm|fuse|loop)' && echo ESCAPED"),
  must("file.set-id-chmod", "cp /bin/true s1; chmod u+s s1; [ -u s1 ] && echo ESCAPED", WRITING),
  must("file.set-id-numeric", "cp /bin/true s2; chmod 2755 s2; [ -g s2 ] && echo ESCAPED", WRITING),
  must("file.set-id-install", "install -m 4755 /bin/true s3; [ -u s3 ] && echo ESCAPED", WRITING),
  must(
    "file.set-id-open",
    `perl -e 'umask 0; use Fcntl; sysopen(my $f,"s4",O_CREAT|O_WRONLY,04755)'; [ -u s4 ] && echo ESCAPED`,
    WRITING,
  ),
  must(
    "file.set-id-tar",
    "mkdir t; cp /bin/true t/x; tar --mode=4755 -cf t.tar t/x && tar -xpf t.tar; [ -u t/x ] && echo ESCAPED",
    WRITING,
  ),
  must("file.core-limit", "[ $(ulimit -c) = 0 ] || echo ESCAPED"),
  must("file.size-limit", "truncate -s 3G big 2>/dev/null && echo ESCAPED; rm -f big", WRITING),
  must("file.program-shadowing", "true", { outside: made("shadowed") }),
];
