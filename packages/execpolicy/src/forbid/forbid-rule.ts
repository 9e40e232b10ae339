import type { EffectiveCommand } from "../shell/effective-command.ts";
import type { ShellSurroundings, ShellWord } from "../shell/script-model.ts";
import { type Place, placeName, type Target, targetPlace } from "../shell/target-place.ts";

/** Gives the reason why a command is refused, or null. Sees one command with its wrappers taken off. */
export type ForbidRule = (effective: EffectiveCommand, around: ShellSurroundings) => string | null;

/** Rules by program name; the key `*` holds rules for every command. */
export type ForbidRules = Readonly<Record<string, ForbidRule>>;

export function placeOf(word: ShellWord, effective: EffectiveCommand, around: ShellSurroundings): Target {
  return targetPlace(word, effective.command.cwd, around);
}

/** The first target that lies in one of the places, as a reason. */
export function findPlace(
  targets: readonly ShellWord[],
  places: readonly Place[],
  effective: EffectiveCommand,
  around: ShellSurroundings,
  verb: string,
): string | null {
  for (const word of targets) {
    const { place } = placeOf(word, effective, around);
    if (place !== "elsewhere" && places.includes(place)) return `${verb} ${placeName(place)}`;
  }
  return null;
}
