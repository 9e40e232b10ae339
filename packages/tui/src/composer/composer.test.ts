import { expect, test } from "vitest";
import { KeyDecoder } from "../keys/decode-keys.ts";
import { plainText } from "../text/styled-line.ts";
import {
  type ComposerAction,
  type ComposerContext,
  type ComposerState,
  EMPTY_COMPOSER,
  pressInComposer,
  withFiles,
} from "./composer.ts";
import { drawComposer } from "./draw-composer.ts";

const CONTEXT: ComposerContext = {
  history: ["second", "first"],
  commands: [
    { value: "model", hint: "choose a model", isComplete: true },
    { value: "mcp", hint: "servers", isComplete: true },
    { value: "goal", hint: "set a goal", isComplete: false },
  ],
  skills: [{ value: "release", hint: "make a release", isComplete: true }],
};

/** Types bytes as a terminal sends them. */
function type(
  sent: string,
  from: ComposerState = EMPTY_COMPOSER,
): { state: ComposerState; actions: ComposerAction[] } {
  const decoder = new KeyDecoder();
  const actions: ComposerAction[] = [];
  let state = from;
  for (const event of [...decoder.decode(new TextEncoder().encode(sent)), ...decoder.flush()]) {
    const step = pressInComposer(state, event, CONTEXT);
    state = step.state;
    if (step.action) actions.push(step.action);
  }
  return { state, actions };
}

function drawn(state: ComposerState, columns = 30, rows = 12): string[] {
  return drawComposer(state, { columns, rows, hint: "Ask for a change" }).lines.map(plainText);
}

test("Enter sends, Tab queues, a backslash or Ctrl-J before it writes a new line", () => {
  expect(type("fix it\r").actions).toEqual([{ kind: "send", written: { text: "fix it", images: [] } }]);
  expect(type("later\t").actions).toEqual([{ kind: "queue", written: { text: "later", images: [] } }]);
  expect(type("a\\\rb\nc\r").actions).toEqual([{ kind: "send", written: { text: "a\nb\nc", images: [] } }]);
});

test("an empty composer passes on what its keys mean, a full one is emptied first", () => {
  expect(type("\x03").actions).toEqual([{ kind: "interrupt" }]);
  expect(type("\x04").actions).toEqual([{ kind: "quit" }]);
  const cleared = type("words\x03");
  expect([cleared.state.editor.text, cleared.actions]).toEqual(["", []]);
  expect(type("\x1f", cleared.state).state.editor.text).toBe("words");
});

test("words are moved over, cut, put back and undone", () => {
  expect(type("one two three\x17\x17\x19").state.editor.text).toBe("one two ");
  expect(type("one two\x01\x0b").state.editor.text).toBe("");
  expect(type("one two\x1b[1;5D\x1b[1;5Dx").state.editor.text).toBe("xone two");
  expect(type("日本語\x7f").state.editor.text).toBe("日本");
  expect(type("family 👨‍👩‍👧\x7f!").state.editor.text).toBe("family !");
});

test("earlier inputs come back, the draft too", () => {
  const up = type("draft\x1b[A\x1b[A");
  expect(up.state.editor.text).toBe("first");
  expect(type("\x1b[B\x1b[B", up.state).state.editor.text).toBe("draft");
});

test("commands are suggested, chosen and run", () => {
  const slash = type("/m");
  expect(drawn(slash.state)).toEqual(["› /m", "▸ /mcp    servers", "  /model  choose a model"]);
  expect(type("\x1b[B\r", slash.state).actions).toEqual([
    { kind: "send", written: { text: "/model", images: [] } },
  ]);
  expect(type("/go\r").state.editor.text).toBe("/goal ");
  expect(drawn(type("\x1b", slash.state).state)).toEqual(["› /m"]);
});

test("files come from outside and are of use only for what is written now", () => {
  const at = type("see @src");
  const files = [{ value: "src/a.ts", hint: "", isComplete: true }];
  expect(withFiles(at.state, "sr", files)).toBe(at.state);
  const found = withFiles(at.state, "src", files);
  expect(type("\t", found).state.editor.text).toBe("see @src/a.ts ");
});

test("a long paste is a label until it is sent, a dropped image is attached", () => {
  const long = "line\n".repeat(40);
  const { state } = type(`look: \x1b[200~${long}\x1b[201~`);
  expect(drawn(state, 60)).toEqual(["› look: [Pasted #1: 41 lines] "]);
  expect(type("\r", state).actions).toEqual([
    { kind: "send", written: { text: `look: ${long} `, images: [] } },
  ]);
  expect(type("\x1b[200~'/tmp/my shot.png'\x1b[201~\r").actions).toEqual([
    { kind: "send", written: { text: "[Image #1: my shot.png] ", images: ["/tmp/my shot.png"] } },
  ]);
});

test("a long text shows the rows around the cursor", () => {
  const { state } = type("one two three four five six seven eight nine ten eleven twelve");
  const area = drawComposer(state, { columns: 20, rows: 2, hint: "" });
  expect(area.lines.map(plainText)).toEqual(["  seven eight nine ", "  ten eleven twelve"]);
  expect(area.cursor).toEqual({ row: 1, column: 19 });
});

test("an exclamation mark makes it a command of one's own, with a mark of its own", () => {
  const { state } = type("!ls -l");
  expect(drawn(state, 80)).toEqual([
    "! ls -l",
    "  your own command: your rights, no sandbox; the agent sees what it prints",
  ]);
  expect(drawComposer(state, { columns: 80, rows: 12, hint: "" }).cursor).toEqual({ row: 0, column: 7 });
  expect(type("\r", state).actions).toEqual([{ kind: "send", written: { text: "!ls -l", images: [] } }]);
});
