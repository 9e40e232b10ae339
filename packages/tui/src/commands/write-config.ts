import type { ConfigEdit } from "@quire/protocol/app-server";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, quietLine } from "../text/styled-line.ts";
import type { CommandContext } from "./command.ts";

/** Writes all of it or nothing, and says where, behind `words`, and what outranks it. */
export async function writeConfig(
  edits: ConfigEdit[],
  { client, say }: Pick<CommandContext, "client" | "say">,
  words = "",
): Promise<void> {
  const written = await client.request("config/batchWrite", { edits });
  say([quietLine(`${words}Written to ${safeLine(written.filePath)}.`)]);
  if (written.overriddenMetadata)
    say([lineOf(safeLine(written.overriddenMetadata.message), { ink: "warn" })]);
}
