/** One classic BPF instruction; jumps count instructions forward from the next one. */
export interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly value: number;
}

const OPCODE = {
  loadWord: 0x20,
  jumpEqual: 0x15,
  jumpGreaterOrEqual: 0x35,
  jumpAnySet: 0x45,
  and: 0x54,
  answer: 0x06,
} as const;

/** Offsets into `struct seccomp_data`. Arguments are 64 bits, little-endian; every check here needs the low half. */
export const FIELD = {
  systemCall: 0,
  architecture: 4,
  argument: (index: number) => 16 + 8 * index,
} as const;

export function load(offset: number): Instruction {
  return { code: OPCODE.loadWord, ifTrue: 0, ifFalse: 0, value: offset };
}

export function keepBits(mask: number): Instruction {
  return { code: OPCODE.and, ifTrue: 0, ifFalse: 0, value: mask };
}

export function answer(action: number): Instruction {
  return { code: OPCODE.answer, ifTrue: 0, ifFalse: 0, value: action };
}

export type Test = "equal" | "greaterOrEqual" | "anySet";

const TEST_OPCODE: Readonly<Record<Test, number>> = {
  equal: OPCODE.jumpEqual,
  greaterOrEqual: OPCODE.jumpGreaterOrEqual,
  anySet: OPCODE.jumpAnySet,
};

/** `body` runs when the loaded word passes the test, and is skipped otherwise. */
export function when(test: Test, value: number, body: readonly Instruction[]): Instruction[] {
  return [{ code: TEST_OPCODE[test], ifTrue: 0, ifFalse: jumpOver(body), value }, ...body];
}

/** `body` runs when the loaded word fails the test, and is skipped otherwise. */
export function unless(test: Test, value: number, body: readonly Instruction[]): Instruction[] {
  return [{ code: TEST_OPCODE[test], ifTrue: jumpOver(body), ifFalse: 0, value }, ...body];
}

function jumpOver(body: readonly Instruction[]): number {
  if (body.length > 255) throw new RangeError(`a BPF jump cannot skip ${body.length} instructions`);
  return body.length;
}

/** `struct sock_filter[]` as the kernel reads it on little-endian machines. */
export function encode(program: readonly Instruction[]): Buffer {
  if (program.length > 4096)
    throw new RangeError(`a BPF program may hold 4096 instructions, not ${program.length}`);
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.ifTrue, index * 8 + 2);
    bytes.writeUInt8(instruction.ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(instruction.value >>> 0, index * 8 + 4);
  });
  return bytes;
}
