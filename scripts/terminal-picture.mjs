#!/usr/bin/env node
/**
 * Makes the picture of the README: text with terminal colours on stdin becomes an SVG on stdout. To redo it, from a
 * repository with a failing test:
 *   script -qc 'quire exec "make the failing test pass"' /dev/null | node scripts/terminal-picture.mjs >docs/demo.svg
 */
const COLUMNS = 104;
const FONT = 13;
const WIDTH = 7.83;
const LINE = 18;
const COLOURS = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff" };

/** @param {string} text */
function escapeXml(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/**
 * One line as spans of one style each.
 * @param {string} line
 */
function spans(line) {
  const style = { colour: "", bold: false, dim: false };
  let out = "";
  let column = 0;
  for (const piece of line.split("\u001b[")) {
    const [, codes = null, text = piece] = /^([\d;]*)m(.*)$/s.exec(piece) ?? [];
    if (codes !== null) {
      for (const code of codes.split(";").map(Number)) {
        if (code === 0) Object.assign(style, { colour: "", bold: false, dim: false });
        else if (code === 1) style.bold = true;
        else if (code === 2) style.dim = true;
        else if (code === 22) Object.assign(style, { bold: false, dim: false });
        else if (code === 39) style.colour = "";
        else style.colour = COLOURS[/** @type {keyof typeof COLOURS} */ (code)] ?? style.colour;
      }
    }
    const shown = text.slice(0, COLUMNS - column);
    const fill = style.colour || (style.dim ? "#8b949e" : "#e6edf3");
    const weight = style.bold ? ' font-weight="bold"' : "";
    if (shown !== "") out += `<tspan fill="${fill}"${weight}>${escapeXml(shown)}</tspan>`;
    column += shown.length;
  }
  return out;
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const lines = Buffer.concat(chunks)
  .toString("utf8")
  .split(/\r?\n/)
  // What a carriage return overwrote was never there to be read.
  .map((line) => line.slice(line.lastIndexOf("\r") + 1).replaceAll("\u001b[K", ""));
while (lines.at(-1)?.trim() === "") lines.pop();
const height = lines.length * LINE + 32;
const width = Math.ceil(COLUMNS * WIDTH + 32);
console.log(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}">`,
);
console.log("<title>A run of quire exec in a terminal</title>");
console.log(`<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`);
lines.forEach((line, index) => {
  console.log(`<text x="16" y="${28 + index * LINE}" xml:space="preserve">${spans(line)}</text>`);
});
console.log("</svg>");
