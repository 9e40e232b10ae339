import { answer, encode, FIELD, type Instruction, load, unless, when } from "./bpf.ts";
import { AUDIT_ARCHITECTURE, type FilterArch, type SystemCall, systemCallNumber } from "./system-calls.ts";

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const EAGAIN = 0x0005000b;
const CLONE_THREAD = 0x10000;

/** They take the number of another process, and the first of a namespace belongs to the same user. */
const STEERS_OTHERS: readonly SystemCall[] = [
  "prlimit64",
  "sched_setaffinity",
  "sched_setattr",
  "sched_setparam",
  "sched_setscheduler",
  "setpriority",
];

/**
 * The bytes of a filter that a process inside a cell can load for itself, on top of the cell's own, before it runs what
 * nobody vouches for: threads work, new processes fail as if there were too many, and other processes cannot be slowed
 * down or starved. Undefined where no filter can be made for the machine.
 */
export function singleProcessFilter(arch: string): Buffer | undefined {
  if (arch !== "x64" && arch !== "arm64") return undefined;
  return encode(program(arch));
}

function program(arch: FilterArch): Instruction[] {
  const rule = (name: SystemCall, body: readonly Instruction[]): Instruction[] => {
    const number = systemCallNumber(name, arch);
    return number === undefined ? [] : when("equal", number, body);
  };
  return [
    load(FIELD.architecture),
    ...unless("equal", AUDIT_ARCHITECTURE[arch], [answer(KILL_PROCESS)]),
    load(FIELD.systemCall),
    ...rule("clone", [
      load(FIELD.argument(0)),
      ...when("anySet", CLONE_THREAD, [answer(ALLOW)]),
      answer(EAGAIN),
    ]),
    ...rule("fork", [answer(EAGAIN)]),
    ...rule("vfork", [answer(EAGAIN)]),
    ...STEERS_OTHERS.flatMap((name) => rule(name, [answer(EPERM)])),
    answer(ALLOW),
  ];
}
