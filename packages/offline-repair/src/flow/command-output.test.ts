import { expect, test } from "vitest";
import { driverResult, KILLED, parseCommandOutput } from "./command-output.ts";

test("a finished command", () => {
  expect(
    parseCommandOutput("Wall time: 0.0123 seconds\nProcess exited with code 2\nOutput:\nhello\nOutput:\n"),
  ).toEqual({
    exitCode: 2,
    sessionId: null,
    wallSeconds: 0.0123,
    truncated: false,
    refused: false,
    output: "hello\nOutput:\n",
  });
});

test("a running command, with other header lines and a cut output", () => {
  const text =
    "Chunk ID: ab12\nWall time: 10.0 seconds\nProcess running with session ID 3\nOriginal token count: 99999\nOutput:\nx";
  expect(parseCommandOutput(text)).toMatchObject({
    exitCode: null,
    sessionId: 3,
    wallSeconds: 10,
    truncated: true,
    refused: false,
    output: "x",
  });
});

test.each(["Process timed out after 5 seconds and was killed", "Process killed by signal KILL"])(
  "%s ended without an exit code",
  (line) => {
    expect(parseCommandOutput(`Wall time: 5 seconds\n${line}\nOutput:\npartial`)).toMatchObject({
      exitCode: KILLED,
      refused: false,
      output: "partial",
    });
  },
);

test("a refusal is its whole text", () => {
  const text = "The command was not run: the user declined it.";
  expect(parseCommandOutput(text)).toMatchObject({
    exitCode: null,
    sessionId: null,
    refused: true,
    output: text,
  });
});

test("a driver's result is the last one, or null when it is damaged", () => {
  expect(driverResult('noise\nQUIRE_RESULT {"a":1}\nQUIRE_RESULT {"a":2}\nmore')).toEqual({ a: 2 });
  expect(driverResult('QUIRE_RESULT {"a":')).toBeNull();
  expect(driverResult("nothing")).toBeNull();
});
