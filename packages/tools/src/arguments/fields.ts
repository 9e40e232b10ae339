/** What reading one argument gave. `expected` completes the sentence "must be …". */
export type Reading<T> = { ok: true; value: T } | { ok: false; expected: string };

/** How one argument is read. Readers bend where the meaning is plain ("5" for 5) and refuse where it is not. */
export interface Field<T> {
  readonly required: boolean;
  read(value: unknown): Reading<T>;
}

export type Fields = { readonly [name: string]: Field<unknown> };

/** The values that `fields` yields; what is optional is missing when the model left it out or sent null. */
export type ValuesOf<F extends Fields> = {
  [K in keyof F]: F[K] extends OptionalField<infer T>
    ? T | undefined
    : F[K] extends Field<infer T>
      ? T
      : never;
};

interface OptionalField<T> extends Field<T> {
  readonly required: false;
}

export function optional<T>(field: Field<T>): OptionalField<T> {
  return { required: false, read: field.read };
}

export const text: Field<string> = {
  required: true,
  read: (value) => (typeof value === "string" ? { ok: true, value } : { ok: false, expected: "a string" }),
};

export const flag: Field<boolean> = {
  required: true,
  read(value) {
    if (typeof value === "boolean") return { ok: true, value };
    if (value === "true" || value === "false") return { ok: true, value: value === "true" };
    return { ok: false, expected: "true or false" };
  },
};

/** A whole number. Values outside the range are moved to its nearest end: the model meant "short" or "long". */
export function integer(range: { min: number; max: number }): Field<number> {
  return {
    required: true,
    read(value) {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof number !== "number" || !Number.isFinite(number)) return { ok: false, expected: "a number" };
      return { ok: true, value: Math.min(range.max, Math.max(range.min, Math.round(number))) };
    },
  };
}

export function choice<const T extends string>(choices: readonly T[]): Field<T> {
  return {
    required: true,
    read(value) {
      const found = choices.find((one) => one === value);
      if (found !== undefined) return { ok: true, value: found };
      return { ok: false, expected: `one of ${choices.map((one) => `"${one}"`).join(", ")}` };
    },
  };
}

export function list<T>(entry: Field<T>, noun: string): Field<T[]> {
  return {
    required: true,
    read(value) {
      if (!Array.isArray(value)) return { ok: false, expected: `an array of ${noun}` };
      const values: T[] = [];
      for (const [index, one] of value.entries()) {
        const reading = entry.read(one);
        if (!reading.ok)
          return { ok: false, expected: `an array of ${noun}; entry ${index} must be ${reading.expected}` };
        values.push(reading.value);
      }
      return { ok: true, value: values };
    },
  };
}
