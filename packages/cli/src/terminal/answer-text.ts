import { visibleText, withoutControls } from "@quire/protocol";
import type { System } from "../system.ts";

/**
 * A text of the model for standard output, ending with a line break unless it is empty. What could steer a terminal never
 * gets through, because piped output ends on one often enough; what only hides text is shown on a terminal and left to the
 * program that reads it otherwise.
 */
export function answerText(answer: string, stdout: System["stdout"]): string {
  const shown = stdout.isTTY ? visibleText(answer) : withoutControls(answer);
  return shown.endsWith("\n") || shown === "" ? shown : `${shown}\n`;
}
