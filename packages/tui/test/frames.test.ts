import { NO_USAGE } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import type { BlockView } from "../src/blocks/block-view.ts";
import { entryBlock } from "../src/blocks/entry.ts";
import { liveBlock } from "../src/blocks/live.ts";
import { MARKDOWN_BEGIN } from "../src/markdown/finished-part.ts";
import { NO_SYNTAX } from "../src/markdown/syntax.ts";
import { emptyThread, type TimelineEntry } from "../src/state/thread-state.ts";
import { LiveScreen } from "../src/terminal/live-screen.ts";
import { DARK } from "../src/terminal/theme.ts";
import type { StyledLine } from "../src/text/styled-line.ts";
import { DIALOGS } from "./dialog-samples.ts";
import { createEmulator } from "./emulator.ts";
import { CWD, ENDED, failure, RUNNING, turnOf } from "./item-samples.ts";

/**
 * What a person sees of everything that can be shown, as text in `frames/`, one file a kind, at three widths. After a
 * change that is meant: `npx vitest run --project unit packages/tui/test/frames.test.ts -u`, and read the difference.
 */
const WIDTHS = [40, 80, 200];
const PALETTE = { depth: "ansi256", theme: DARK, links: false } as const;

function viewOf(columns: number): BlockView {
  return { columns, cwd: CWD, syntax: NO_SYNTAX, unfolded: false };
}

/** The rows of a terminal after the lines were printed in it, or with them as its live area. */
async function screenOf(lines: readonly StyledLine[], columns: number, isLive: boolean): Promise<string> {
  const emulator = createEmulator(columns, 200);
  const screen = new LiveScreen({ columns, rows: 200 }, PALETTE);
  const live = { lines: isLive ? lines : [], cursor: null };
  await emulator.write(screen.draw(isLive ? [] : lines, live));
  const rows = emulator.rows();
  return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1).join("\n");
}

async function framesOf(
  draw: Readonly<Record<string, (columns: number) => StyledLine[]>>,
  isLive = false,
): Promise<string> {
  const parts: string[] = [];
  for (const [name, linesAt] of Object.entries(draw)) {
    for (const columns of WIDTHS) {
      const rows = await screenOf(linesAt(columns), columns, isLive);
      parts.push(`=== ${name}, ${columns} columns\n${rows === "" ? "(nothing)" : rows}\n`);
    }
  }
  return parts.join("\n");
}

const itemEntry = (item: WireItem): TimelineEntry => ({
  kind: "item",
  item,
  durationMs: null,
  shown: 0,
  fence: null,
  isJoined: false,
});

function ofEntries(entries: Readonly<Record<string, TimelineEntry>>) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      (columns: number) => entryBlock(entry, viewOf(columns)),
    ]),
  );
}

test.each(Object.entries(ENDED))("what ended looks as it did: %s", async (file, items) => {
  const entries = Object.fromEntries(Object.entries(items).map(([name, item]) => [name, itemEntry(item)]));
  await expect(await framesOf(ofEntries(entries))).toMatchFileSnapshot(`frames/${file}.txt`);
});

test("what ended looks as it did: turns and notices", async () => {
  const usage = { ...NO_USAGE, input_tokens: 12_000, cached_input_tokens: 9000, output_tokens: 840 };
  const limited = failure("model_rate_limited", "The endpoint allows no more calls.", "Wait until 12:00.");
  const failed = { ...limited, reset_at: 1_900_000_000 };
  const entries: Record<string, TimelineEntry> = {
    "a turn": {
      kind: "turnEnded",
      turn: turnOf({
        evidence: {
          commands: [{ command: "npm test", exitCode: 0, durationMs: 900, afterLastEdit: true }],
          files: [{ path: "/repo/a.ts", kind: "update", added: 1, removed: 1 }],
        },
        cost: { kind: "known", usd: 0.0123, priced_as_of: "2026-01-01" },
        usage,
      }),
    },
    "an interrupted turn": { kind: "turnEnded", turn: turnOf({ status: "interrupted" }) },
    "a failed turn": {
      kind: "turnEnded",
      turn: turnOf({
        status: "failed",
        error: {
          message: failed.message,
          codexErrorInfo: null,
          additionalDetails: null,
          misalignment: null,
          error: failed,
        },
      }),
    },
    "a quiet word": { kind: "notice", tone: "quiet", code: null, message: "12 updates were left out." },
    "a warning": {
      kind: "notice",
      tone: "warn",
      code: "stream_broken",
      message: "The stream broke off.\nAgain.",
    },
  };
  await expect(await framesOf(ofEntries(entries))).toMatchFileSnapshot("frames/turns.txt");
});

test("what runs looks as it did", async () => {
  const draw = Object.fromEntries(
    RUNNING.map(({ name, item, streamed }) => [
      name,
      (columns: number) =>
        liveBlock(
          {
            ...emptyThread("t"),
            turn: { id: "1", startedAtMs: 0 },
            live: [{ item, startedAtMs: 1000, streamed, shown: 0, place: MARKDOWN_BEGIN }],
          },
          viewOf(columns),
          65_000,
          14,
        ),
    ]),
  );
  await expect(await framesOf(draw, true)).toMatchFileSnapshot("frames/running.txt");
});

test("dialogs look as they did", async () => {
  const draw = Object.fromEntries(
    Object.entries(DIALOGS).map(([name, dialog]) => [
      name,
      (columns: number) => [...dialog(viewOf(columns)).render({ columns, rows: 24 }).lines],
    ]),
  );
  await expect(await framesOf(draw, true)).toMatchFileSnapshot("frames/dialogs.txt");
});
