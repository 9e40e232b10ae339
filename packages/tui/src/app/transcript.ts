import type { Client } from "@quire/client";
import type { BlockView } from "../blocks/block-view.ts";
import { entryBlock, isSetOff } from "../blocks/entry.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import { entriesOfTurn } from "../state/caught-up.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import { encodeLine, type Palette } from "../terminal/encode.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { BLANK, type StyledLine } from "../text/styled-line.ts";
import { failureLines } from "./failure.ts";
import { drawPager, openPager, type PagerState, pressInPager, resizePager, withEarlier } from "./pager.ts";

/** Turns that are read at a time: the newest at once, earlier ones when the top is reached. */
const TURNS_A_PAGE = 50;

/**
 * The whole thread, unfolded, on a screen of its own: the one place where the terminal's own scrollback is left. It is
 * read from the thread's log, so it holds what was folded, left out or printed before this program began.
 */
export class Transcript {
  readonly #client: Client;
  readonly #threadId: string;
  readonly #terminal: Terminal;
  readonly #palette: Palette;
  readonly #view: () => BlockView;
  #pager: PagerState;
  #cursor: string | null;
  #isLoading = false;
  #isClosed = false;
  readonly #stopResize: () => void;

  private constructor(
    parts: { client: Client; threadId: string; terminal: Terminal; palette: Palette; view: () => BlockView },
    first: { lines: StyledLine[]; nextCursor: string | null },
  ) {
    this.#client = parts.client;
    this.#threadId = parts.threadId;
    this.#terminal = parts.terminal;
    this.#palette = parts.palette;
    this.#view = parts.view;
    this.#pager = openPager(first.lines, parts.terminal);
    this.#cursor = first.nextCursor;
    this.#stopResize = parts.terminal.onResize(() => {
      this.#pager = resizePager(this.#pager, this.#terminal);
      this.draw();
    });
  }

  /** Takes the terminal's other screen and shows the end of the thread. */
  static async open(parts: {
    client: Client;
    threadId: string;
    terminal: Terminal;
    palette: Palette;
    view: () => BlockView;
  }): Promise<Transcript> {
    const first = await readPage(parts.client, parts.threadId, null, parts.view());
    parts.terminal.write(`${beginning(parts.terminal)}\x1b[?25l`);
    const transcript = new Transcript(parts, first);
    transcript.draw();
    return transcript;
  }

  /** False when the key has closed it; the terminal then has its screen back. */
  press(event: KeyEvent): boolean {
    const step = pressInPager(this.#pager, event, this.#terminal);
    if (step.kind === "close") {
      this.close();
      return false;
    }
    this.#pager = step.state;
    this.draw();
    if (step.kind === "earlier") void this.#loadEarlier();
    return true;
  }

  /** Gives the terminal its screen back. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopResize();
    this.#terminal.write(`${ending(this.#terminal)}\x1b[?25h`);
  }

  draw(): void {
    if (this.#isClosed) return;
    const rows = drawPager(this.#pager, this.#terminal).map(
      (line) => `\x1b[K${encodeLine(line, this.#palette)}`,
    );
    this.#terminal.write(`\x1b[?2026h\x1b[H${rows.join("\r\n")}\x1b[?2026l`);
  }

  async #loadEarlier(): Promise<void> {
    if (this.#cursor === null || this.#isLoading) return;
    this.#isLoading = true;
    try {
      const { lines, nextCursor } = await readPage(this.#client, this.#threadId, this.#cursor, this.#view());
      this.#cursor = nextCursor;
      this.#pager = withEarlier(this.#pager, [...lines, BLANK], this.#terminal);
      this.draw();
    } catch (thrown) {
      this.#pager = { ...withEarlier(this.#pager, failureLines(thrown), this.#terminal), top: 0 };
      this.draw();
    } finally {
      this.#isLoading = false;
    }
  }
}

/** Without another screen what is shown is scrolled away first, so that it stays in the scrollback. */
function beginning({ hasOtherScreen, rows }: Terminal): string {
  return hasOtherScreen ? "\x1b[?1049h" : "\r\n".repeat(rows);
}

/** Without another screen the rows are emptied, and what is printed next begins at the top. */
function ending({ hasOtherScreen, rows }: Terminal): string {
  if (hasOtherScreen) return "\x1b[?1049l";
  return `\x1b[H${Array.from({ length: rows }, () => "\x1b[K").join("\r\n")}\x1b[H`;
}

async function readPage(client: Client, threadId: string, cursor: string | null, view: BlockView) {
  const { data, nextCursor } = await client.request("thread/turns/list", {
    threadId,
    limit: TURNS_A_PAGE,
    sortDirection: "desc",
    itemsView: "full",
    ...(cursor === null ? {} : { cursor }),
  });
  const entries = data.reverse().flatMap(entriesOfTurn);
  return { lines: linesOf(entries, { ...view, unfolded: true }), nextCursor };
}

/** Entries with the blank lines between them. */
function linesOf(entries: readonly TimelineEntry[], view: BlockView): StyledLine[] {
  const lines: StyledLine[] = [];
  let last: TimelineEntry | null = null;
  for (const entry of entries) {
    const block = entryBlock(entry, view);
    if (block.length === 0) continue;
    if (isSetOff(last, entry)) lines.push(BLANK);
    lines.push(...block);
    last = entry;
  }
  return lines;
}
