import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode, type Instruction } from "./bpf.ts";
import { type FilterOptions, filterProgram } from "./filter.ts";
import { AUDIT_ARCHITECTURE, type FilterArch, type SystemCall, systemCallNumber } from "./system-calls.ts";

type Verdict = "allow" | "kill" | number;

/** What the kernel would do: runs the encoded program over one call. */
function decide(
  options: FilterOptions,
  number: number,
  args: readonly number[],
  architecture?: number,
): Verdict {
  const program = encode(filterProgram(options));
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE((architecture ?? AUDIT_ARCHITECTURE[options.arch]) >>> 0, 4);
  args.forEach((value, index) => {
    data.writeUInt32LE(value >>> 0, 16 + 8 * index);
  });
  let word = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const [yes, no] = [program.readUInt8(at + 2), program.readUInt8(at + 3)];
    const value = program.readUInt32LE(at + 4);
    const jump = (passed: boolean): void => {
      at += 8 * (passed ? yes : no);
    };
    if (code === 0x20) word = data.readUInt32LE(value);
    else if (code === 0x54) word = (word & value) >>> 0;
    else if (code === 0x15) jump(word === value);
    else if (code === 0x35) jump(word >= value);
    else if (code === 0x45) jump((word & value) !== 0);
    else if (code === 0x06) return verdictOf(value);
    else throw new Error(`unknown instruction ${code.toString(16)}`);
  }
  throw new Error("the program ran past its end");
}

function verdictOf(action: number): Verdict {
  if (action === 0x7fff0000) return "allow";
  if (action === 0x80000000) return "kill";
  return action & 0xffff;
}

const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97];
const ARCHES: readonly FilterArch[] = ["x64", "arm64"];

describe.each(ARCHES)("on %s", (arch) => {
  const plain = { arch, unixSockets: false, ptrace: false };
  const call = (name: SystemCall, args: readonly number[] = [], options: FilterOptions = plain): Verdict => {
    const number = systemCallNumber(name, arch);
    return number === undefined ? "kill" : decide(options, number, args);
  };

  test.each<[SystemCall, number[], Verdict]>([
    ["ptrace", [16], EPERM],
    ["process_vm_readv", [], EPERM],
    ["mount", [], EPERM],
    ["umount2", [], EPERM],
    ["pivot_root", [], EPERM],
    ["setns", [], EPERM],
    ["bpf", [], EPERM],
    ["keyctl", [], EPERM],
    ["perf_event_open", [], EPERM],
    ["pidfd_getfd", [], EPERM],
    ["open_by_handle_at", [], EPERM],
    ["kexec_load", [], EPERM],
    ["statmount", [], EPERM],
    ["clone3", [], ENOSYS],
    ["openat2", [], ENOSYS],
    ["io_uring_setup", [], ENOSYS],
    ["userfaultfd", [], ENOSYS],
    ["clone", [0x01200011], "allow"],
    ["clone", [0x003d0f00], "allow"],
    ["clone", [0x10000011], EPERM],
    ["clone", [0x00020011], EPERM],
    ["clone", [0x02000011], EPERM],
    ["unshare", [0x00000400], "allow"],
    ["unshare", [0x10000000], EPERM],
    ["unshare", [0x00000080], EPERM],
    ["fchmod", [3, 0o755], "allow"],
    ["fchmod", [3, 0o4755], EPERM],
    ["fchmodat", [-100, 0, 0o2755], EPERM],
    ["fchmodat2", [-100, 0, 0o6755, 0], EPERM],
    ["openat", [-100, 0, 0o0, 0o7777], "allow"],
    ["openat", [-100, 0, 0o101, 0o644], "allow"],
    ["openat", [-100, 0, 0o101, 0o4755], EPERM],
    ["openat", [-100, 0, 0o20200001, 0o4755], EPERM],
    ["mknodat", [-100, 0, 0o104755, 0], EPERM],
    ["ioctl", [0, 0x5401], "allow"],
    ["ioctl", [0, 0x5412], EPERM],
    ["ioctl", [0, 0x541c], EPERM],
    ["personality", [0xffffffff], "allow"],
    ["personality", [0x0040000], EPERM],
    ["socket", [2, 1, 0], "allow"],
    ["socket", [2, 0o2004001, 6], "allow"],
    ["socket", [10, 2, 17], "allow"],
    ["socket", [2, 1, 132], EPROTONOSUPPORT],
    ["socket", [2, 3, 1], EPERM],
    ["socket", [2, 10, 0], EPERM],
    ["socket", [1, 1, 0], EAFNOSUPPORT],
    ["socket", [16, 3, 0], "allow"],
    ["socket", [16, 3, 9], EAFNOSUPPORT],
    ["socket", [17, 3, 0], EAFNOSUPPORT],
    ["socket", [38, 5, 0], EAFNOSUPPORT],
    ["socket", [40, 1, 0], EAFNOSUPPORT],
    ["socketpair", [1, 1, 0], "allow"],
    ["socketpair", [1, 0o2004005, 0], "allow"],
    ["socketpair", [1, 2, 0], EPERM],
    ["socketpair", [1, 3, 0], EPERM],
  ])("%s %j: %s", (name, args, verdict) => {
    expect(call(name, args)).toBe(verdict);
  });

  test("options open exactly what they name", () => {
    expect(call("socket", [1, 1, 0], { ...plain, unixSockets: true })).toBe("allow");
    expect(call("socketpair", [1, 2, 0], { ...plain, unixSockets: true })).toBe("allow");
    expect(call("socket", [40, 1, 0], { ...plain, unixSockets: true })).toBe(EAFNOSUPPORT);
    expect(call("ptrace", [0], { ...plain, ptrace: true })).toBe("allow");
    expect(call("mount", [], { ...plain, ptrace: true })).toBe(EPERM);
  });

  test("another architecture ends the process, whatever it calls", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(), (number, architecture) => {
        fc.pre(architecture !== AUDIT_ARCHITECTURE[arch]);
        return decide(plain, number, [], architecture) === "kill";
      }),
    );
    expect(decide(plain, 0, [], 0x40000003)).toBe("kill");
  });

  test("every other call is allowed with any arguments", () => {
    const treated = new Set(ALL_CALLS.map((name) => systemCallNumber(name, arch)));
    fc.assert(
      fc.property(fc.nat(500), fc.array(fc.nat(), { maxLength: 6 }), (number, args) => {
        fc.pre(!treated.has(number));
        return decide(plain, number, args) === "allow";
      }),
    );
  });
});

test("calls of the x32 kind do not exist on x64", () => {
  expect(decide({ arch: "x64", unixSockets: false, ptrace: false }, 0x40000000 + 101, [])).toBe(ENOSYS);
});

test("numbers agree with the machine's own headers", () => {
  const text = readHeader();
  if (text === undefined) return;
  const wrong = ALL_CALLS.filter((name) => {
    const known = new RegExp(`^#define __NR_${name === "sysctl" ? "_sysctl" : name}\\s+(\\d+)`, "m").exec(
      text,
    )?.[1];
    return known !== undefined && Number(known) !== systemCallNumber(name, "x64");
  });
  expect(wrong).toEqual([]);
});

test("a jump too far to encode is refused", () => {
  const far: Instruction[] = Array.from({ length: 4097 }, () => ({
    code: 6,
    ifTrue: 0,
    ifFalse: 0,
    value: 0,
  }));
  expect(() => encode(far)).toThrow(RangeError);
});

const ALL_CALLS: readonly SystemCall[] = [
  ...readFileSync(new URL("./system-calls.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+): \[/gm),
].map((match) => match[1] as SystemCall);

function readHeader(): string | undefined {
  try {
    return readFileSync("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "utf8");
  } catch {
    // Not installed, or another machine.
    return undefined;
  }
}
