import { expect, test } from "vitest";
import type { RecordedRequest } from "./recorded-request.ts";
import { assertAppendOnly, cacheablePrefix, prefixBreak } from "./request-prefix.ts";

function recorded(body: string): RecordedRequest {
  return {
    method: "POST",
    path: "/v1/responses",
    clientPort: 1,
    headers: {},
    raw: Buffer.from(body),
    body: undefined,
    atMs: 0,
    closedByClient: false,
    model: "",
    tools: [],
    toolOutputs: [],
    inputTexts: [],
  };
}

const TOOLS = '"tools":[{"input":["]"]}]';

test("the prefix ends with the last item, whatever brackets and quotes are inside", () => {
  const items = '{"t":"a ] \\" [ü"},{"n":[1,[2]]}';
  const request = recorded(`{"model":"m",${TOOLS},"input":[${items}],"stream":true}`);
  expect(cacheablePrefix(request).toString()).toBe(`{"model":"m",${TOOLS},"input":[${items}`);
  expect(() => cacheablePrefix(recorded('{"nested":{"input":[]}}'))).toThrow("no top-level");
});

test("growing requests pass, and may change what stands after the history", () => {
  const first = recorded(`{${TOOLS},"input":[{"a":1}],"effort":"low"}`);
  const second = recorded(`{${TOOLS},"input":[{"a":1},{"b":2}],"effort":"high"}`);
  expect(prefixBreak(first, second)).toBeNull();
  assertAppendOnly([first, second]);
});

test("a changed, reordered or dropped item is told with its place", () => {
  const first = recorded('{"input":[{"a":1},{"b":2}]}');
  expect(prefixBreak(first, recorded('{"input":[{"a":1},{"b":3}]}'))).toContain("was 2}…, is 3}");
  expect(prefixBreak(first, recorded('{"input":[{"a":1}]}'))).not.toBeNull();
  const changed = recorded('{"input":[{"b":2},{"a":1}]}');
  expect(() => assertAppendOnly([first, first, changed])).toThrow("Request 3 does not continue request 2");
});
