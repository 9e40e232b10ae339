import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const CLOSE_ON_EXEC = 0o2000000;
const HIGHEST_MASKED = 1023;

/** What each descriptor was when it was last found not to be inheritable; belongs to the process, as they do. */
const known = new Map<number, string>();

/**
 * Descriptors above 2 that a child would inherit unasked: handed to us by our own parent, or opened by native
 * modules. Node opens everything close-on-exec, so usually there are none.
 */
function inheritableDescriptors(): number[] {
  const leaking: number[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor <= 2) continue;
    const target = targetOf(descriptor);
    if (target === undefined || known.get(descriptor) === target) continue;
    if (isInheritable(descriptor)) leaking.push(descriptor);
    else known.set(descriptor, target);
  }
  return leaking.sort((a, b) => a - b);
}

function targetOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since the listing, as the descriptor of the listing itself always is.
    return undefined;
  }
}

function isInheritable(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"));
    return flags?.[1] !== undefined && (Number.parseInt(flags[1], 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // Closed meanwhile.
    return false;
  }
}

/** `ipc`: a channel of Node's own, of which a child can have one. */
export type DescriptorSlot = number | "pipe" | "ignore" | "ipc";

/** What to give a child: `slots[i]` becomes its descriptor `i + 3`. */
export interface DescriptorTable {
  readonly slots: readonly DescriptorSlot[];
  /** Numbers that now hold /dev/null in place of something inherited. */
  readonly masked: readonly number[];
  /** Closes what this table opened; call after the child was spawned. */
  close(): void;
}

/** Puts `passed` at 3, 4, 5, … and /dev/null over every other descriptor the child would inherit. */
export function descriptorTable(passed: readonly DescriptorSlot[]): DescriptorTable {
  const masked = inheritableDescriptors().filter((descriptor) => descriptor >= 3 + passed.length);
  const highest = masked.at(-1) ?? 0;
  if (highest > HIGHEST_MASKED) {
    throw new RangeError(
      `descriptor ${highest} was inherited and cannot be kept from the command; start with fewer open descriptors`,
    );
  }
  if (masked.length === 0) return { slots: passed, masked, close: () => undefined };
  const nothing = openSync("/dev/null", "r+");
  const slots: DescriptorSlot[] = [...passed];
  for (const descriptor of masked) {
    while (slots.length < descriptor - 3) slots.push("ignore");
    slots.push(nothing);
  }
  return { slots, masked, close: () => closeSync(nothing) };
}
