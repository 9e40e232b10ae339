import { spawn } from "node:child_process";

const OPENERS: Readonly<Record<string, string>> = { darwin: "open", linux: "xdg-open" };

/**
 * Shows an http or https address in the user's browser, where there is one; the address was printed, too. No shell, and
 * the address can be no option: it begins with its scheme.
 */
export function openBrowser(url: string, platform: string): void {
  const opener = OPENERS[platform];
  if (opener === undefined || !/^https?:\/\//.test(url)) return;
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  // Without a browser the printed address is there to be used.
  child.on("error", () => undefined);
  child.unref();
}
