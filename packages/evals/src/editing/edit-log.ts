import { writtenPaths } from "@quire/execpolicy";
import { isWithin } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";

/**
 * What a model wrote in order to edit, of one turn and of the agents it started, by the items of their threads. Counted, in
 * UTF-8 bytes, whether it worked or not:
 * - patches, given to `apply_patch` or as a here-document to the shell: the text of the patch, without JSON's escapes;
 * - other commands that by their text write into the folder (redirections, `sed -i`, `tee`, `patch`): the whole command.
 * Not counted, because the items do not tell: scripts that open files themselves (`python -c`), what is typed into a
 * running command, and tools of MCP servers.
 */
export class EditLog {
  #bytes = 0;
  readonly #commands: { readonly text: string; readonly cwd: string }[] = [];

  /** Takes every item once, when it starts. */
  add(item: WireItem): void {
    if (item.type === "fileChange") this.#bytes += item.patchBytes ?? 0;
    else if (item.type === "dynamicToolCall" && item.tool === "apply_patch") {
      // A call that could not be read has no item of its own.
      const written = item.arguments;
      this.#bytes += Buffer.byteLength(typeof written === "string" ? written : JSON.stringify(written));
    } else if (item.type === "commandExecution" && item.source === "agent") {
      this.#commands.push({ text: item.shellCommand ?? item.command, cwd: item.cwd });
    }
  }

  /** All of it so far, for files in `folder`. */
  async writtenBytes(folder: string): Promise<number> {
    let bytes = this.#bytes;
    for (const { text, cwd } of this.#commands) {
      const paths = await writtenPaths(text, { cwd });
      if (paths.some((path) => path === null || isWithin(path, folder))) bytes += Buffer.byteLength(text);
    }
    return bytes;
  }
}
