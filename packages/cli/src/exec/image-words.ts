const IMAGE_NAME = /\.(png|jpe?g|gif|webp)$/i;

/**
 * Lets `-i` take several files, as Codex's does: `-i a.png b.png -- PROMPT` becomes `-i a.png -i b.png -- PROMPT`.
 * Further words belong to the flag when they look like pictures, or when `--` ends their row.
 */
export function spreadImages(argv: readonly string[]): string[] {
  const spread: string[] = [];
  const end = argv.indexOf("--");
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    spread.push(word);
    if (word === "--") return [...spread, ...argv.slice(index + 1)];
    if ((word !== "-i" && word !== "--image") || index + 1 >= argv.length) continue;
    spread.push(argv[++index] ?? "");
    const row = rowOfWords(argv, index + 1);
    const ownsRow = index + 1 + row.length === end;
    for (const extra of row) {
      if (!ownsRow && !IMAGE_NAME.test(extra)) break;
      spread.push(word, extra);
      index += 1;
    }
  }
  return spread;
}

function rowOfWords(argv: readonly string[], from: number): readonly string[] {
  const length = argv.slice(from).findIndex((word) => word.startsWith("-"));
  return argv.slice(from, length === -1 ? undefined : from + length);
}
