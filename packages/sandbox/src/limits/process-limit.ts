import { readFileSync } from "node:fs";

/**
 * What keeps the number of a sandbox's processes within its limit.
 * - `user`: the kernel counts the processes of a user in each user namespace by itself (RLIMIT_NPROC).
 * - `group`: a control group; nothing else counts the machine's own uid 0 on every kernel.
 * - `namespace`: numbers for processes run out, since Linux 6.14 in each namespace by itself.
 * - `none`: nothing does here.
 */
export type ProcessLimit = "user" | "group" | "namespace" | "none";

/** The kernel hands out no lower number again, so these are free only once. */
const RESERVED_NUMBERS = 300;
/** What a new namespace starts with, whatever its parent has. */
const HIGHEST = 4_194_304;
const SWITCH = "sys/kernel/pid_max";

/** The first release in which the switch belongs to a namespace. Before it is the whole machine's. */
export function countsNumbersPerNamespace(kernelRelease: string): boolean {
  const [major = 0, minor = 0] = kernelRelease.split(".").map(Number.parseFloat);
  return major > 6 || (major === 6 && minor >= 14);
}

/**
 * Shell text that sets the limit of the namespace it runs in, through a descriptor of the host's /proc: the sandbox's
 * own is read-only, so that what runs later cannot take it back. Ends the shell where that fails.
 */
export function namespaceLimitScript(processes: number, procDescriptor: number): string {
  const file = `/proc/self/fd/${procDescriptor}/${SWITCH}`;
  return `echo ${RESERVED_NUMBERS + processes} > ${file} || exit 126\nexec ${procDescriptor}<&-`;
}

/**
 * Shell text that tries, in a trial sandbox, what limits the number of processes there, for {@link readTrial}. It writes
 * one less than the highest number: where the switch were the machine's after all, that would harm nobody.
 */
export function trialScript(procDescriptor: number | undefined): string {
  const numbers =
    procDescriptor === undefined
      ? []
      : [
          `read -r n < /proc/${SWITCH}`,
          `[ "$n" != ${HIGHEST} ] || echo ${HIGHEST - 1} > /proc/self/fd/${procDescriptor}/${SWITCH}`,
          `read -r m < /proc/${SWITCH}`,
          'echo "numbers $n $m"',
        ];
  // A shell that cannot fork ends; whatever else it says of it is of no interest.
  const user = `"$0" -c 'ulimit -u 1 2>/dev/null || ulimit -p 1; (exit 0)' 2>/dev/null || echo "user bound"`;
  return [...numbers, user, "exit 0"].join("\n");
}

/** What the trial showed, without control groups. `before`: the machine's own switch when it began. */
export function readTrial(printed: string, before: number): Exclude<ProcessLimit, "group"> {
  if (/^user bound$/m.test(printed)) return "user";
  const [, first, second] = /^numbers (\d+) (\d+)$/m.exec(printed) ?? [];
  if (Number(first) !== HIGHEST || Number(second) !== HIGHEST - 1) return "none";
  return readSwitch() === before ? "namespace" : "none";
}

/** The machine's own, or NaN. */
export function readSwitch(): number {
  try {
    return Number(readFileSync(`/proc/${SWITCH}`, "latin1"));
  } catch {
    // No /proc to speak of.
    return Number.NaN;
  }
}
