import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { commandItemOf, outputOf, toolFixture } from "./tool-fixture.ts";

const MIB = 1024 * 1024;
const BYTES = 200_000_000;

/** Node's own reading of a pipe takes some memory once; what comes on top of it is ours. */
function readWithoutUs(command: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn("/bin/bash", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.on("data", () => undefined);
    child.on("close", () => resolve());
  });
}

/** Runs something and says by how many MiB the process grew meanwhile, at its largest. */
async function growthOf<T>(run: () => Promise<T>): Promise<{ result: T; growth: number }> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  const result = await run();
  clearInterval(timer);
  return { result, growth: (Math.max(peak, process.memoryUsage.rss()) - before) / MIB };
}

/** Bytes of live output that front ends were shown, and those that they were told are left out; it is all ASCII. */
function shownAndSkipped(deltas: readonly string[]): [shown: number, skipped: number] {
  let [shown, skipped] = [0, 0];
  for (const delta of deltas) {
    const left = /^\n… (\d+) bytes skipped …\n$/.exec(delta)?.[1];
    if (left === undefined) shown += delta.length;
    else skipped += Number(left);
  }
  return [shown, skipped];
}

test.each([
  [
    "short lines",
    `yes | head -c ${BYTES}`,
    /^y\ny\n[y\n]+… \d+ bytes \([\d,]+ lines\) omitted …\n[y\n]+y\n$/,
  ],
  ["one line", `head -c ${BYTES} /dev/zero | tr '\\0' x`, /^x+\n… \d+ bytes omitted …\nx+$/],
])("200 MB in %s need little memory and reach nobody in full", async (_name, cmd, expected) => {
  await using fixture = await toolFixture();
  await readWithoutUs(cmd);
  const { result, growth } = await growthOf(() =>
    fixture.call("exec_command", { cmd, yield_time_ms: 30_000 }),
  );
  expect(commandItemOf(result.item)).toMatchObject({ status: "completed", outputBytes: BYTES });
  expect(outputOf(result)).toMatch(expected);
  expect(outputOf(result).length).toBeLessThanOrEqual(40_000);
  expect(growth).toBeLessThan(30);

  const seconds = (commandItemOf(result.item).durationMs ?? 0) / 1000;
  const sent = fixture.deltas.reduce((sum, [, delta]) => sum + delta.length, 0);
  expect(sent).toBeLessThan((seconds + 0.2) * 10 * 66_000);
  // The end may be shown: it is when a new window has room for it. Everything is shown or counted.
  const [shown, skipped] = shownAndSkipped(fixture.deltas.map(([, delta]) => delta));
  expect(shown + skipped).toBe(BYTES);
  expect(skipped).toBeGreaterThan(0);
});
