import { expect, test, vi } from "vitest";
import { DeltaStream } from "./delta-stream.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function record() {
  const deltas: string[] = [];
  const stream = new DeltaStream({
    emit: (delta) => deltas.push(delta),
    monotonicMs: () => performance.now(),
  });
  return { deltas, stream };
}

test("joins what arrives within a moment", async () => {
  const { deltas, stream } = record();
  for (const piece of ["a", "b", "c"]) stream.push(Buffer.from(piece));
  expect(deltas).toEqual([]);
  await vi.waitFor(() => expect(deltas).toEqual(["abc"]), { interval: 5 });
  stream.push(Buffer.from("d"));
  stream.flush();
  expect(deltas).toEqual(["abc", "d"]);
});

test("sends at most 64 KiB within 100 ms and says how much it skipped", () => {
  const { deltas, stream } = record();
  const flood = Buffer.from("é".repeat(50_000));
  for (let round = 0; round < 10; round++) stream.push(flood);
  stream.flush();
  expect(deltas).toEqual(["é".repeat(32_768), `\n… ${1_000_000 - 65_536} bytes skipped …\n`]);
});

test("goes on after a flood", async () => {
  const { deltas, stream } = record();
  stream.push(Buffer.from("x".repeat(70_000)));
  stream.push(Buffer.from("lost"));
  await sleep(120);
  stream.push(Buffer.from("later"));
  stream.flush();
  expect(deltas).toEqual(["x".repeat(65_536), "\n… 4468 bytes skipped …\n", "later"]);
});

test("mentions skipped output even if nothing follows", async () => {
  const { deltas, stream } = record();
  stream.push(Buffer.from("x".repeat(70_000)));
  await vi.waitFor(() => expect(deltas).toEqual(["x".repeat(65_536), "\n… 4464 bytes skipped …\n"]), {
    interval: 5,
  });
});
