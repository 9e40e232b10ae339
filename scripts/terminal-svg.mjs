/** Rows of a terminal, with their colours, as an SVG picture. */

const FONT = 13;
const CELL = 7.83;
const LINE = 18;
const MARGIN = 16;

/** What a terminal's own foreground and background are. @type {Record<"dark" | "light", { ground: string, text: string }>} */
const GROUNDS = {
  dark: { ground: "#0d1117", text: "#e6edf3" },
  light: { ground: "#ffffff", text: "#1f2328" },
};

/** @typedef {{ text: string, column: number, colour: string | null, ground: string | null, looks: string }} Piece */

/** @typedef {{ colour: string | null, ground: string | null, looks: Set<string | undefined> }} Style */

/**
 * One row with SGR sequences in true colour, as pieces of one look each. What is set at its end holds for the next row.
 * @param {string} row @param {Style} style
 * @returns {Piece[]}
 */
function pieces(row, style) {
  /** @type {Piece[]} */
  const found = [];
  let column = 0;
  let { colour, ground, looks } = style;
  for (const [index, part] of row.split("\x1b[").entries()) {
    const match = index === 0 ? null : /^([\d;]*)m(.*)$/s.exec(part);
    const codes = match ? (match[1] ?? "").split(";").map(Number) : [];
    for (let at = 0; at < codes.length; at += 1) {
      const code = codes[at] ?? 0;
      if (code === 0) [colour, ground, looks] = [null, null, new Set()];
      else if (code in LOOKS) looks.add(LOOKS[code]);
      else if (code === 22)
        looks = new Set([...looks].filter((look) => look !== LOOKS[1] && look !== LOOKS[2]));
      else if (code === 39) colour = null;
      else if (code === 49) ground = null;
      else if ((code === 38 || code === 48) && codes[at + 1] === 2) {
        const rgb = `rgb(${codes.slice(at + 2, at + 5).join(",")})`;
        if (code === 38) colour = rgb;
        else ground = rgb;
        at += 4;
      }
    }
    const text = match ? (match[2] ?? "") : part;
    if (text !== "") found.push({ text, column, colour, ground, looks: [...looks].join(" ") });
    column += [...text].length;
  }
  Object.assign(style, { colour, ground, looks });
  return found;
}

/** @type {Record<number, string>} */
const LOOKS = {
  1: 'font-weight="bold"',
  2: 'opacity="0.7"',
  3: 'font-style="italic"',
  4: 'text-decoration="underline"',
  9: 'text-decoration="line-through"',
};

/** @param {string} text */
function escapeXml(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/**
 * @param {readonly string[]} rows @param {{ columns: number, theme: "dark" | "light", title: string }} options
 * @returns {string}
 */
export function terminalSvg(rows, { columns, theme, title }) {
  const width = Math.ceil(columns * CELL + 2 * MARGIN);
  const height = rows.length * LINE + 2 * MARGIN;
  const own = GROUNDS[theme];
  /** @type {Style} */
  const style = { colour: null, ground: null, looks: new Set() };
  const drawn = rows.flatMap((row, index) => {
    const y = MARGIN + index * LINE;
    return pieces(row, style).flatMap(({ text, column, colour, ground, looks }) => {
      const x = (MARGIN + column * CELL).toFixed(1);
      const cells = ([...text].length * CELL).toFixed(1);
      const behind =
        ground === null
          ? []
          : [`<rect x="${x}" y="${y}" width="${cells}" height="${LINE}" fill="${ground}"/>`];
      if (text.trim() === "") return behind;
      const fill = colour ?? own.text;
      return [
        ...behind,
        `<text x="${x}" y="${y + 13}" fill="${fill}" textLength="${cells}" xml:space="preserve" ${looks}>${escapeXml(text)}</text>`,
      ];
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${own.ground}"/>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}
