const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * Bytes of the lines that a diff takes away and adds, line ends included. `diff` is what `git diff --unified=0` prints, read
 * as latin1, so that a character is a byte. Binary files have no lines and count nothing.
 */
export function diffBytes(diff: string): number {
  let bytes = 0;
  /** Lines of the hunk that are still to come; one of them may look like a header. */
  let left = 0;
  for (const line of diff.split("\n")) {
    // "No newline at end of file" is about the line before it. No line of a file stands here without a mark.
    if (line.startsWith("\\")) bytes -= 1;
    else if (left > 0) {
      // The mark in front is not in the file, the line end behind it is.
      bytes += line.length;
      left -= 1;
    } else {
      const [, removed = "1", added = "1"] = HUNK.exec(line) ?? [line, "0", "0"];
      left = Number(removed) + Number(added);
    }
  }
  return bytes;
}
