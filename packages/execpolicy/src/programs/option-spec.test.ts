import { describe, expect, test } from "vitest";
import { parseOptionSpec, scanOptions } from "./option-spec.ts";

const spec = parseOptionSpec("-# -abc -n: -f@ -w? --all --max= --list@ --color?");
const scan = (line: string) => scanOptions(line === "" ? [] : line.split(" "), spec);

describe("options", () => {
  test("bundles, values in each form, operands anywhere", () => {
    expect(scan("x -ab -n5 -n 6 -cn7 --all --max=8 --max 9 --color --color=never - -20 y -- -z")).toEqual({
      kind: "accepted",
      options: [
        { name: "-a", value: null },
        { name: "-b", value: null },
        { name: "-n", value: "5" },
        { name: "-n", value: "6" },
        { name: "-c", value: null },
        { name: "-n", value: "7" },
        { name: "--all", value: null },
        { name: "--max", value: "8" },
        { name: "--max", value: "9" },
        { name: "--color", value: null },
        { name: "--color", value: "never" },
      ],
      operands: ["x", "-", "y", "-z"],
      paths: [],
    });
  });

  test("a value that may only be attached never takes the next word", () => {
    expect(scan("-aw16 -w b")).toMatchObject({
      kind: "accepted",
      options: [
        { name: "-a", value: null },
        { name: "-w", value: "16" },
        { name: "-w", value: null },
      ],
      operands: ["b"],
    });
  });

  test("values that are paths are collected", () => {
    expect(scan("-f a -fb --list=c --list d")).toMatchObject({
      kind: "accepted",
      paths: ["a", "b", "c", "d"],
    });
  });

  test.each(["-x", "-ax", "--al", "--all=1", "--maximum=3", "--unknown", "-n", "--max", "--colour", "-5x"])(
    "%s is refused",
    (line) => {
      expect(scan(line)).toEqual({ kind: "refused", option: line.split(" ")[0] });
    },
  );

  test("with separate values a letter with a value stands alone", () => {
    const separate = parseOptionSpec("-a -L:", true);
    expect(scanOptions(["-L", "2"], separate).kind).toBe("accepted");
    expect([scanOptions(["-Lo", "2"], separate).kind, scanOptions(["-aL", "2"], separate).kind]).toEqual([
      "refused",
      "refused",
    ]);
  });

  test("a mistake in the notation is reported", () => {
    expect(() => parseOptionSpec("--a%")).toThrow(/not in the notation/);
  });
});
