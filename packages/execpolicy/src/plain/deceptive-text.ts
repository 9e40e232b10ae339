/**
 * Characters that make a shown text differ from the one that runs: controls, invisible and direction-changing
 * characters, spaces other than the ordinary one, private-use and unassigned code points.
 */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
const DECEPTIVE_BUT_BLANKS =
  /(?![\t\n])(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs})/u;

/** Offset of the first deceptive character, or -1. `blanks` lets tabs and newlines pass. */
export function deceptiveOffset(text: string, options: { blanks: boolean }): number {
  return (options.blanks ? DECEPTIVE_BUT_BLANKS : DECEPTIVE).exec(text)?.index ?? -1;
}
