import { answer, encode, FIELD, type Instruction, keepBits, load, unless, when } from "./bpf.ts";
import { AUDIT_ARCHITECTURE, type FilterArch, type SystemCall, systemCallNumber } from "./system-calls.ts";

export interface FilterOptions {
  readonly arch: FilterArch;
  /** Whether local sockets work without limits. Connected pairs for streams and packets always do. */
  readonly unixSockets: boolean;
  readonly ptrace: boolean;
}

/** Error numbers are the same on both machines. */
const ERRNO = { EPERM: 1, ENOSYS: 38, EPROTONOSUPPORT: 93, EAFNOSUPPORT: 97 } as const;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const fail = (errno: keyof typeof ERRNO): number => 0x00050000 | ERRNO[errno];

/** No program that builds or tests software needs these, and each has been a way out of a sandbox. */
const REFUSED: readonly SystemCall[] = [
  "acct",
  "add_key",
  "bpf",
  "chroot",
  "clock_adjtime",
  "clock_settime",
  "create_module",
  "delete_module",
  "fanotify_init",
  "finit_module",
  "fsconfig",
  "fsmount",
  "fsopen",
  "fspick",
  "get_kernel_syms",
  "init_module",
  "ioperm",
  "iopl",
  "kcmp",
  "kexec_file_load",
  "kexec_load",
  "keyctl",
  "listmount",
  "lookup_dcookie",
  "migrate_pages",
  "modify_ldt",
  "mount",
  "mount_setattr",
  "move_mount",
  "move_pages",
  "nfsservctl",
  "open_by_handle_at",
  "open_tree",
  "open_tree_attr",
  "perf_event_open",
  "pidfd_getfd",
  "pivot_root",
  "query_module",
  "quotactl",
  "quotactl_fd",
  "reboot",
  "request_key",
  "setdomainname",
  "sethostname",
  "setns",
  "settimeofday",
  "statmount",
  "swapoff",
  "swapon",
  "sysctl",
  "sysfs",
  "syslog",
  "umount2",
  "uselib",
  "vhangup",
];

const DEBUGGING: readonly SystemCall[] = ["ptrace", "process_vm_readv", "process_vm_writev"];

/**
 * Callers fall back to an older call when these seem missing: io_uring and userfaultfd for their attack surface;
 * clone3 and openat2 because their flags lie behind a pointer, which a filter cannot read.
 */
const PRETEND_MISSING: readonly SystemCall[] = [
  "clone3",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "openat2",
  "userfaultfd",
];

const X32_CALLS = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e020000;
/** Only `unshare` takes it; in `clone` the bit belongs to the exit signal. */
const NEW_TIME_NAMESPACE = 0x80;
const SET_ID_BITS = 0o6000;
/** O_CREAT, and the one bit of O_TMPFILE that is not O_DIRECTORY: the same on both machines. */
const CREATES_FILE = 0o100 | 0o20000000;
/** Typing into a terminal, the console's clipboard, and changing a line discipline. */
const TERMINAL_REQUESTS = [0x5412, 0x541c, 0x5423];
const PERSONALITY_QUERY = 0xffffffff;

const FAMILY = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
const SOCKET_TYPES = { stream: 1, raw: 3, orderedPackets: 5, packet: 10 } as const;
/** Default, ICMP echo, TCP, UDP, ICMPv6 echo, MPTCP: the last is what Go tries first. */
const INTERNET_PROTOCOLS = [0, 1, 6, 17, 58, 262];

/** Refuses when any of `bits` is set in the argument. */
function refuseBits(argument: number, bits: number): Instruction[] {
  return [load(FIELD.argument(argument)), ...when("anySet", bits, [answer(fail("EPERM"))]), answer(ALLOW)];
}

/** Refuses set-user-id and set-group-id bits in the mode of a call that may create a file. */
function refuseSetIdOnCreation(flags: number): Instruction[] {
  return [
    load(FIELD.argument(flags)),
    ...when("anySet", CREATES_FILE, refuseBits(flags + 1, SET_ID_BITS)),
    answer(ALLOW),
  ];
}

function onlySockets(unixSockets: boolean): Instruction[] {
  const internet = [
    load(FIELD.argument(1)),
    keepBits(0xf),
    ...when("equal", SOCKET_TYPES.raw, [answer(fail("EPERM"))]),
    ...when("equal", SOCKET_TYPES.packet, [answer(fail("EPERM"))]),
    load(FIELD.argument(2)),
    ...INTERNET_PROTOCOLS.flatMap((protocol) => when("equal", protocol, [answer(ALLOW)])),
    answer(fail("EPROTONOSUPPORT")),
  ];
  const routeNetlink = [
    load(FIELD.argument(2)),
    ...when("equal", 0, [answer(ALLOW)]),
    answer(fail("EAFNOSUPPORT")),
  ];
  return [
    load(FIELD.argument(0)),
    ...(unixSockets ? when("equal", FAMILY.unix, [answer(ALLOW)]) : []),
    ...when("equal", FAMILY.inet, internet),
    ...when("equal", FAMILY.inet6, internet),
    ...when("equal", FAMILY.netlink, routeNetlink),
    answer(fail("EAFNOSUPPORT")),
  ];
}

/** One end of a pair for datagrams can be connected anew, to any service on the host that listens on a path. */
function onlyConnectedPairs(unixSockets: boolean): Instruction[] {
  if (unixSockets) return [answer(ALLOW)];
  return [
    load(FIELD.argument(1)),
    keepBits(0xf),
    ...when("equal", SOCKET_TYPES.stream, [answer(ALLOW)]),
    ...when("equal", SOCKET_TYPES.orderedPackets, [answer(ALLOW)]),
    answer(fail("EPERM")),
  ];
}

function argumentRules(options: FilterOptions): ReadonlyArray<readonly [SystemCall, Instruction[]]> {
  return [
    ["clone", refuseBits(0, NEW_NAMESPACES)],
    ["unshare", refuseBits(0, NEW_NAMESPACES | NEW_TIME_NAMESPACE)],
    ["chmod", refuseBits(1, SET_ID_BITS)],
    ["fchmod", refuseBits(1, SET_ID_BITS)],
    ["fchmodat", refuseBits(2, SET_ID_BITS)],
    ["fchmodat2", refuseBits(2, SET_ID_BITS)],
    ["creat", refuseBits(1, SET_ID_BITS)],
    ["mknod", refuseBits(1, SET_ID_BITS)],
    ["mknodat", refuseBits(2, SET_ID_BITS)],
    ["open", refuseSetIdOnCreation(1)],
    ["openat", refuseSetIdOnCreation(2)],
    [
      "ioctl",
      [
        load(FIELD.argument(1)),
        ...TERMINAL_REQUESTS.flatMap((request) => when("equal", request, [answer(fail("EPERM"))])),
        answer(ALLOW),
      ],
    ],
    [
      "personality",
      [
        load(FIELD.argument(0)),
        ...when("equal", 0, [answer(ALLOW)]),
        ...when("equal", PERSONALITY_QUERY, [answer(ALLOW)]),
        answer(fail("EPERM")),
      ],
    ],
    ["socket", onlySockets(options.unixSockets)],
    ["socketpair", onlyConnectedPairs(options.unixSockets)],
  ];
}

/** What to do for one system call; every body ends in an answer. */
interface Rule {
  readonly number: number;
  readonly body: readonly Instruction[];
}

/**
 * Halves the rules by number until few are left. A long chain would be correct too, but the kernel works through the
 * filter for every call number when it loads it, which then takes milliseconds of each command.
 */
function search(rules: readonly Rule[]): Instruction[] {
  if (rules.length <= 2) {
    return [...rules.flatMap(({ number, body }) => when("equal", number, body)), answer(ALLOW)];
  }
  const middle = rules.length >> 1;
  const split = rules[middle]?.number ?? 0;
  return [...when("greaterOrEqual", split, search(rules.slice(middle))), ...search(rules.slice(0, middle))];
}

/** The filter as instructions, for tests; programs want {@link seccompFilter}. */
export function filterProgram(options: FilterOptions): Instruction[] {
  const { arch } = options;
  const refused = options.ptrace ? REFUSED : [...REFUSED, ...DEBUGGING];
  const bodies: ReadonlyArray<readonly [SystemCall, readonly Instruction[]]> = [
    ...argumentRules(options),
    ...PRETEND_MISSING.map((name) => [name, [answer(fail("ENOSYS"))]] as const),
    ...refused.map((name) => [name, [answer(fail("EPERM"))]] as const),
  ];
  const rules = bodies
    .flatMap(([name, body]) => {
      const number = systemCallNumber(name, arch);
      return number === undefined ? [] : [{ number, body }];
    })
    .sort((a, b) => a.number - b.number);
  return [
    load(FIELD.architecture),
    ...unless("equal", AUDIT_ARCHITECTURE[arch], [answer(KILL_PROCESS)]),
    load(FIELD.systemCall),
    ...(arch === "x64" ? when("greaterOrEqual", X32_CALLS, [answer(fail("ENOSYS"))]) : []),
    ...search(rules),
  ];
}

/** The bytes bubblewrap loads with `--seccomp`. */
export function seccompFilter(options: FilterOptions): Buffer {
  return encode(filterProgram(options));
}
