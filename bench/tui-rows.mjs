/** What `npm run bench:tui` measures, row by row. */
import { lengthenThread } from "./long-thread.mjs";
import { costOfTree, openTerminal } from "./tui-terminal.mjs";
import { createWorld, withServer } from "./world.mjs";

export const LAST_WORDS = "That was all of it.";
const DELTA_CHARS = 8;
const SIZE = { columns: 200, rows: 50 };

/**
 * @typedef {import("./world.mjs").Bench} Bench
 * @typedef {import("./model-server.mjs").ScriptedStep} Step
 * @typedef {{ label: string, bar: string, text: string, isKept: boolean }} Row
 * @typedef {(world: import("./world.mjs").World, words: string[]) => string[]} Program
 */

const PROSE = [
  "The function reads the **whole** file before it looks at the *first* line, which costs memory that it does not need.",
  "- it opens `src/reader.ts` once for each line\n- it never closes what it opened\n- it ignores what `read` gives back",
  '```ts\nexport async function readLines(path: string): Promise<string[]> {\n  const text = await readFile(path, "utf8");\n  return text.split("\\n").filter((line) => line !== "");\n}\n```',
  "| file | before | after |\n|---|---:|---:|\n| reader.ts | 120 ms | 14 ms |\n| writer.ts | 80 ms | 79 ms |",
  "> A test that cannot fail tells nothing.",
  "",
].join("\n\n");

/** Answers of one kind, each as many deltas of eight characters. @type {Record<string, { begin?: string, text: string, end?: string }>} */
const ANSWERS = {
  "mixed Markdown": { text: PROSE },
  "one code block": {
    begin: "```ts\n",
    text: 'export const reader = (path: string) => readFile(path, "utf8"); // the whole of it\n',
    end: "```\n",
  },
  "one paragraph without a line end": {
    text: "The function reads the **whole** file before it looks at `it`. ",
  },
  "one list": { text: "- it opens `src/reader.ts` once for **each** line\n" },
  "one table": { begin: "| file | before |\n|---|---:|\n", text: "| src/reader.ts | 120 ms |\n" },
};

/** @param {{ begin?: string, text: string, end?: string }} answer @param {number} deltas @param {number} [ratePerSecond] @returns {Step} */
function repeated({ begin = "", text, end = "" }, deltas, ratePerSecond) {
  return {
    kind: "repeated",
    begin,
    text,
    times: Math.ceil((deltas * DELTA_CHARS) / text.length),
    end: `${end}\n\n${LAST_WORDS}\n`,
    chunkChars: DELTA_CHARS,
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  };
}

/** Sequences that clear the screen or its scrollback. */
const CLEARS = ["\x1b[2J", "\x1b[3J", "\x1bc", "\x1b[H\x1b[J"];

/**
 * A long answer streams in, as fast as it goes.
 * @param {Bench} bench @param {Program} program @param {number} deltas @returns {AsyncGenerator<Row>}
 */
export async function* streams(bench, program, deltas) {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    yield await withServer(bench, [repeated(answer, deltas)], async (server) => {
      const world = createWorld(bench, server.url);
      const terminal = openTerminal(program(world, ["go on"]), world, SIZE);
      try {
        await terminal.seen(LAST_WORDS);
        const wall = (performance.now() - terminal.started) / 1000;
        const { cpuSeconds, peakMiB } = costOfTree(terminal.pid());
        const clears = CLEARS.filter((clear) => terminal.output().includes(clear)).length;
        const bytes = (terminal.output().length / 1e6).toFixed(1);
        return {
          label: `${deltas} deltas, ${name}`,
          bar: "1.5 CPU s, 150 MiB, no clearing",
          text: `${cpuSeconds.toFixed(2)} CPU s, ${peakMiB.toFixed(0)} MiB, ${wall.toFixed(1)} s, ${bytes} MB written, cleared: ${clears === 0 ? "never" : "yes"}`,
          isKept: cpuSeconds <= 1.5 && peakMiB <= 150 && clears === 0,
        };
      } finally {
        await terminal.close();
      }
    });
  }
}

/** 5,000 tokens a second for four seconds: how long after the last one the screen has it. @param {Bench} bench @param {Program} program @returns {Promise<Row>} */
export function sustained(bench, program) {
  const rate = 5000;
  const deltas = 20_000;
  const answer = ANSWERS["mixed Markdown"] ?? { text: "" };
  return withServer(bench, [repeated(answer, deltas, rate)], async (server) => {
    const world = createWorld(bench, server.url);
    const terminal = openTerminal(program(world, ["go on"]), world, SIZE);
    try {
      const first = await terminal.seen("The function reads");
      const behind = (await terminal.seen(LAST_WORDS)) - first - (1000 * deltas) / rate;
      return {
        label: `${rate} tokens a second`,
        bar: "500 ms behind at the end",
        text: `${behind.toFixed(0)} ms behind at the end`,
        isKept: behind <= 500,
      };
    } finally {
      await terminal.close();
    }
  });
}

/**
 * How long a typed letter takes to the screen while something goes on.
 * @param {Bench} bench @param {Program} program @param {string} what @param {Step} step @param {string} sign
 * @returns {Promise<Row>}
 */
async function keyToScreen(bench, program, what, step, sign) {
  return withServer(bench, [step, { kind: "text", text: LAST_WORDS }], async (server) => {
    const world = createWorld(bench, server.url);
    const terminal = openTerminal(program(world, ["go on"]), world, SIZE);
    try {
      await terminal.seen(sign);
      /** @type {number[]} */
      const waits = [];
      let typed = "";
      for (let key = 0; key < 60; key += 1) {
        typed += "qzxjkv"[key % 6];
        const from = terminal.output().length;
        const pressed = performance.now();
        terminal.type(typed.at(-1) ?? "");
        waits.push((await terminal.seen(typed, from)) - pressed);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const inTime = !terminal.output().includes(LAST_WORDS);
      waits.sort((a, b) => a - b);
      const p95 = waits[Math.floor(waits.length * 0.95)] ?? 0;
      return {
        label: `key to screen while ${what}`,
        bar: "30 ms at p95",
        text: `${(waits[30] ?? 0).toFixed(1)} ms at p50, ${p95.toFixed(1)} ms at p95${inTime ? "" : " (it ended before the last key)"}`,
        isKept: p95 <= 30,
      };
    } finally {
      await terminal.close();
    }
  });
}

/** @param {Bench} bench @param {Program} program @returns {AsyncGenerator<Row>} */
export async function* keys(bench, program) {
  const answer = ANSWERS["mixed Markdown"] ?? { text: "" };
  yield await keyToScreen(
    bench,
    program,
    "an answer streams",
    repeated(answer, 40_000, 5000),
    "The function reads",
  );
  const command = "yes 'a line of output that nobody reads' | head -c 100000000; sleep 3";
  yield await keyToScreen(
    bench,
    program,
    "a command prints 100 MB",
    { kind: "command", command },
    "nobody reads",
  );
}

/** From the start of the process to a prompt that takes keys. @param {Bench} bench @param {Program} program @param {string} sign @returns {Promise<Row>} */
export function startUp(bench, program, sign) {
  return withServer(bench, [{ kind: "text", text: LAST_WORDS }], async (server) => {
    const world = createWorld(bench, server.url);
    /** @type {{ ms: number, peakMiB: number }[]} */
    const all = [];
    for (let run = 0; run < 6; run += 1) {
      const terminal = openTerminal(program(world, []), world, SIZE);
      const ms = (await terminal.seen(sign)) - terminal.started;
      await new Promise((resolve) => setTimeout(resolve, 300));
      all.push({ ms, peakMiB: costOfTree(terminal.pid()).peakMiB });
      await terminal.close();
    }
    const best = all.slice(1).sort((a, b) => a.ms - b.ms)[2] ?? { ms: 0, peakMiB: 0 };
    return {
      label: "start to a prompt",
      bar: "250 ms, 100 MiB",
      text: `${best.ms.toFixed(0)} ms, ${best.peakMiB.toFixed(0)} MiB`,
      isKept: best.ms <= 250 && best.peakMiB <= 100,
    };
  });
}

/**
 * A thread of very many turns is opened again: compacted at its end, as one that long has been, and never.
 * @param {Bench} bench @param {Program} program
 * @param {(world: import("./world.mjs").World, words: string[]) => Promise<void>} turn
 * @returns {AsyncGenerator<Row>}
 */
export async function* openLong(bench, program, turn) {
  yield await openThread(bench, program, turn, true);
  yield await openThread(bench, program, turn, false);
}

/**
 * @param {Bench} bench @param {Program} program
 * @param {(world: import("./world.mjs").World, words: string[]) => Promise<void>} turn @param {boolean} isCompacted
 * @returns {Promise<Row>}
 */
function openThread(bench, program, turn, isCompacted) {
  return withServer(bench, [{ kind: "text", text: LAST_WORDS }], async (server) => {
    const world = createWorld(bench, server.url);
    // The second turn is as all later ones are: what the first told the model is not told again.
    await turn(world, ["go on"]);
    await turn(world, ["resume", "--last", "go on"]);
    lengthenThread(world.home, 10_000);
    const compacting = ["-c", 'compactor="extract"', "-c", "model_auto_compact_token_limit=20000"];
    if (isCompacted) await turn(world, ["resume", "--last", ...compacting, "go on"]);
    /** @type {{ ms: number, peakMiB: number }[]} */
    const all = [];
    for (let run = 0; run < 4; run += 1) {
      const terminal = openTerminal(program(world, ["resume", "--last"]), world, SIZE);
      const ms = (await terminal.seen(LAST_WORDS)) - terminal.started;
      all.push({ ms, peakMiB: costOfTree(terminal.pid()).peakMiB });
      await terminal.close();
    }
    const middle = all.slice(1).sort((a, b) => a.ms - b.ms)[1] ?? { ms: 0, peakMiB: 0 };
    return {
      label: `a thread of 10,000 turns opened again, ${isCompacted ? "compacted" : "never compacted"}`,
      bar: "400 ms",
      text: `${middle.ms.toFixed(0)} ms, ${middle.peakMiB.toFixed(0)} MiB`,
      isKept: middle.ms <= 400,
    };
  });
}
