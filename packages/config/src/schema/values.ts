import * as z from "zod/mini";

/*
 * Every key of a configuration file is optional, because each layer is partial. The leaves are made once and shared:
 * building a fresh schema per key costs milliseconds at start-up.
 */

export const text = z.optional(z.string());
export const flag = z.optional(z.boolean());
export const number = z.optional(z.number());
/** A whole number, zero or more. */
export const count = z.optional(z.int().check(z.gte(0)));
/** A whole number, one or more. */
export const positive = z.optional(z.int().check(z.gte(1)));
export const textList = z.optional(z.array(z.string()));
export const textMap = z.optional(z.record(z.string(), z.string()));
/** A table that is handed on as it is. */
export const anyTable = z.optional(z.record(z.string(), z.unknown()));
/** A value that is handed on as it is. */
export const any = z.optional(z.unknown());

/** One of a fixed set of words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.optional(z.enum(words));
}
