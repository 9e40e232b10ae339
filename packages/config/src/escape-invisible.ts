/**
 * Writes control, format and separator characters as escapes that TOML and JSON understand, so that a key, a path or a
 * value from a file cannot steer the terminal it is shown on.
 */
export function escapeInvisible(text: string): string {
  // Compiling the classes below takes longer than everything else about an ordinary warning.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
}
