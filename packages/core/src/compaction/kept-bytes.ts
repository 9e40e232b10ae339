/** What the parts of a compacted history may take, in bytes. */
export interface CompactedBytes {
  users: number;
  recent: number;
  facts: number;
  summary: number;
}

/** Shares of the room beside instructions, tools and surroundings; a fifth stays free, so that work can go on. */
const SHARES: CompactedBytes = { users: 0.25, recent: 0.3, facts: 0.15, summary: 0.1 };
/** No part is larger than this, however large the window is. */
const MOST: CompactedBytes = { users: 65_536, recent: 49_152, facts: 24_576, summary: 12_288 };
const LEAST: CompactedBytes = { users: 0, recent: 1000, facts: 1000, summary: 1000 };

/** Divides the room that a limit leaves. */
export function keptBytes(room: { tokens: number; bytesFor: (tokens: number) => number }): CompactedBytes {
  const bytes = room.bytesFor(Math.max(0, room.tokens));
  const part = (name: keyof CompactedBytes) =>
    Math.floor(Math.max(LEAST[name], Math.min(MOST[name], bytes * SHARES[name])));
  return { users: part("users"), recent: part("recent"), facts: part("facts"), summary: part("summary") };
}
