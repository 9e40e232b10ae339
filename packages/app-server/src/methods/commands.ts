import type { Engine } from "../engine.ts";
import type { Handlers } from "./handlers.ts";

/** Commands that belong to a client and to no thread. */
export function commandMethods(engine: Pick<Engine, "execCommand">): Handlers<"command/exec"> {
  return { "command/exec": (params, { signal }) => engine.execCommand(params, signal) };
}
