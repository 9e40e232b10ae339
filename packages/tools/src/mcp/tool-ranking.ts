/** Okapi BM25 with the usual constants. */
const K1 = 1.2;
const B = 0.75;
const MAX_WORDS = 2000;

/** Ranks texts by how well they fit some words. */
export interface Ranking {
  /** Positions of the texts that hold at least one of the words, best first; of equal ones the earlier first. */
  find(query: string, limit: number): number[];
}

export function rankTexts(texts: readonly string[]): Ranking {
  const documents = texts.map((text) => countWords(wordsOf(text)));
  const lengths = documents.map((words) => [...words.values()].reduce((sum, count) => sum + count, 0));
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const holders = new Map<string, number>();
  for (const words of documents) {
    for (const word of words.keys()) holders.set(word, (holders.get(word) ?? 0) + 1);
  }
  const rarity = (word: string) => {
    const holding = holders.get(word) ?? 0;
    return Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5));
  };
  const score = (at: number, wanted: readonly string[]) =>
    wanted.reduce((sum, word) => {
      const count = documents[at]?.get(word) ?? 0;
      const length = (lengths[at] ?? 0) / Math.max(1, average);
      return sum + (rarity(word) * count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
    }, 0);
  return {
    find(query, limit) {
      const wanted = [...new Set(wordsOf(query))];
      return documents
        .map((_, at) => ({ at, score: score(at, wanted) }))
        .filter((entry) => entry.score > 0)
        .sort((a, b) => b.score - a.score || a.at - b.at)
        .slice(0, limit)
        .map(({ at }) => at);
    },
  };
}

/** Words in small letters; `createIssue` and `create_issue` are the same two, and a plural is its singular. */
function wordsOf(text: string): string[] {
  const split = text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const words = split.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, MAX_WORDS).map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
