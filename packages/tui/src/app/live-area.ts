import type { BlockView } from "../blocks/block-view.ts";
import { liveBlock } from "../blocks/live.ts";
import type { ComposerState, Written } from "../composer/composer.ts";
import { drawComposer } from "../composer/draw-composer.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import type { LiveArea, ScreenSize } from "../terminal/live-screen.ts";
import { safeLine } from "../text/safe-text.ts";
import { BLANK, type StyledLine } from "../text/styled-line.ts";
import { cutLine } from "../text/wrap.ts";
import { type StatusFacts, statusLine } from "./status-line.ts";
import { type Waiting, wordsOf } from "./thread-queue.ts";

/** Everything that the rows at the bottom show. */
export interface LiveFacts extends StatusFacts {
  readonly view: BlockView;
  readonly composer: ComposerState;
  readonly dialog: Dialog<unknown> | null;
  /** The dialog takes no keys yet. */
  readonly isSettling: boolean;
  /** Said into the running turn, and not read there yet. */
  readonly unread: readonly Written[];
  readonly queue: readonly Waiting[];
  readonly now: number;
}

/** The most rows that running items take: what runs is watched from the corner of the eye. */
const MOST_RUNNING = 14;
const SHOWN_QUEUE = 3;

/** The live area: what runs, what waits to be sent, the composer or a dialog in its place, the status line. */
export function drawLiveArea(facts: LiveFacts, { columns, rows }: ScreenSize): LiveArea {
  const status = statusLine(facts, columns);
  const hasStatus = status.spans.length > 0;
  const bottom =
    facts.dialog === null
      ? drawComposer(facts.composer, {
          columns,
          rows: Math.max(3, Math.floor(rows / 2)),
          hint: hintOf(facts),
        })
      : facts.dialog.render({ columns, rows: rows - 2 }, facts.isSettling);
  const queue = [
    ...queueLines(facts.unread, "after this step", columns),
    // While nothing runs what is queued waits: for the user, or for a turn that completes.
    ...queueLines(queued(facts), facts.state.turn === null ? "waits" : "next", columns),
  ];
  const room = rows - bottom.lines.length - queue.length - 4;
  const running = room < 1 ? [] : liveBlock(facts.state, facts.view, facts.now, Math.min(room, MOST_RUNNING));
  const above = [BLANK, ...running, ...queue, ...(running.length + queue.length > 0 ? [BLANK] : [])];
  const lines = [...above, ...bottom.lines, ...(hasStatus ? [BLANK, status] : [])];
  const cursor =
    bottom.cursor === null ? null : { row: above.length + bottom.cursor.row, column: bottom.cursor.column };
  return { lines, cursor };
}

function hintOf({ state, queue }: LiveFacts): string {
  if (state.turn !== null) return "Enter tells the agent now · Tab queues for later";
  const waits = queue.length > 0 ? "Say what to do · /queue begins with what waits" : null;
  return waits ?? "Say what to do · / commands · @ files · ! shell";
}

const queued = ({ queue }: LiveFacts): Written[] => queue.map(({ written }) => written);

function queueLines(queue: readonly Written[], when: string, columns: number): StyledLine[] {
  const shown = queue.slice(0, SHOWN_QUEUE).map((written) =>
    cutLine(
      {
        spans: [{ text: `  ↳ ${when}: `, ink: "muted" }, { text: safeLine(wordsOf(written)) }],
      },
      columns,
    ),
  );
  const hidden = queue.length - shown.length;
  const more: StyledLine[] = hidden > 0 ? [{ spans: [{ text: `  … ${hidden} more`, ink: "muted" }] }] : [];
  return [...shown, ...more];
}
