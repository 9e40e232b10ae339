import path from "node:path";
import type { WireUserInput } from "@quire/protocol/app-server";

/** One part of a message. A relative path is taken from this process's directory. */
export type InputPart =
  | { type: "text"; text: string }
  | { type: "local_image"; path: string }
  | { type: "image"; url: string };

export type Input = string | readonly InputPart[];

/** @internal */
export function wireInput(input: Input): WireUserInput[] {
  if (typeof input === "string") return [{ type: "text", text: input }];
  return input.map((part) =>
    part.type === "local_image" ? { type: "localImage", path: path.resolve(part.path) } : part,
  );
}
