import { isFeature } from "../session/features.ts";
import type { System } from "../system.ts";
import type { ExecArguments } from "./exec-arguments.ts";

/** A flag made for another version, or for Codex, must not end a run; that it does nothing must be said. */
export function warnOfUnknownFeatures(args: ExecArguments, system: System): void {
  for (const name of [...args.enable, ...args.disable]) {
    if (isFeature(name)) continue;
    system.stderr.write(
      `! there is no feature ${JSON.stringify(name)} here; it is passed over [feature_unknown]\n`,
    );
  }
  if (args.approveForMe) {
    system.stderr.write(
      "! there is no automatic reviewer here; what would be asked is refused [approve_for_me]\n",
    );
  }
}
