import { fixedWord, type ShellScript, type ShellSurroundings } from "../shell/script-model.ts";

/**
 * The last resort for text no parser understands: quotes and backslashes are dropped, operators and brackets end a
 * command, blanks end a word. It can only make the verdict stricter.
 */
export function scriptFromTokens(text: string, surroundings: ShellSurroundings): ShellScript {
  const bare = text.replace(/["'\\]/g, "").replace(/\$\{?HOME\}?/g, surroundings.home);
  const script: ShellScript = { commands: [], pipelines: [], selfMultiplying: [], damaged: true };
  for (const line of bare.split(/(?:&&|\|\||[;&\n\r(){}`])+/)) {
    const stages = line.split("|").map((stage) => {
      const words = stage
        .split(/\s+/)
        .filter((word) => word !== "")
        .map((word) => (/^~(?:\/|$)/.test(word) ? surroundings.home + word.slice(1) : word));
      return words.filter((word) => !/^(?:then|do|else|if|while|until|!|time|\$)$/.test(word));
    });
    const commands = stages
      .filter((words) => words.length > 0)
      .map((words) => ({
        words: words.map((word) => fixedWord(word, /[*?[]/.test(word))),
        assignments: [],
        redirects: [],
        background: false,
        cwd: surroundings.cwd,
        text: words.join(" "),
      }));
    script.commands.push(...commands);
    if (commands.length > 1) script.pipelines.push({ stages: commands.map((command) => [command]) });
  }
  return script;
}
