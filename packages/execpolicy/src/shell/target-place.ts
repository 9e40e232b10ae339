import { isWithin, joinPath, normalizePath } from "../lexical-path.ts";
import { type ShellSurroundings, type ShellWord, UNKNOWN, UNKNOWN_NONEMPTY } from "./script-model.ts";

/** Where a path leads, in the terms of "what would be lost if it went away". */
export type Place =
  | "root"
  | "home"
  | "home-part"
  | "system"
  | "above-workspace"
  | "workspace"
  | "repository"
  | "device"
  | "empty-variable"
  | "elsewhere";

export interface Target {
  place: Place;
  /** Normalised absolute path, or null when it is only known at run time. */
  path: string | null;
}

const SYSTEM_TREE =
  /^\/(?:bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|System|Library|Windows|usr(?!\/(?:local|src)\/.)|var\/(?:lib|log|spool|mail|run|backups)|opt$|srv$|mnt$|media$|var$|home$|Users$|Applications|Volumes$)(?:\/|$)/;
const DEVICE =
  /^\/dev\/(?!(?:null|zero|full|random|urandom|tty|stdin|stdout|stderr|ptmx)$|(?:fd|shm|pts|tcp|udp)\/)/;
const HOME_PART =
  /^(?:Documents|Desktop|Downloads|Pictures|Music|Videos|Library|\.ssh|\.gnupg|\.config|\.local|\.local\/share|\.password-store|\.aws|\.kube|\.thunderbird|\.mozilla)(?:\/\*)?$/;
/** Patterns that stand for everything in a folder. */
const EVERYTHING = /^(.*\/)?(?:\*|\.\*|\.\?\*|\.\[!\.\]\*|\?\*|\.\.\?\*|\*\*|\*\.\*)\/*$/;

/** Says where a word leads when a program takes it as a path. */
export function targetPlace(word: ShellWord, cwd: string | null, around: ShellSurroundings): Target {
  if (word.text.includes(UNKNOWN)) {
    const emptied = { ...word, text: word.text.replaceAll(UNKNOWN, "") };
    if (emptied.text === "" || emptied.text.includes(UNKNOWN_NONEMPTY))
      return { place: "elsewhere", path: null };
    const { place, path } = targetPlace(emptied, cwd, around);
    const top = path !== null && path.lastIndexOf("/") === 0;
    return {
      place:
        place === "root" || place === "home" || (place === "system" && top) ? "empty-variable" : "elsewhere",
      path: null,
    };
  }
  if (word.text.includes(UNKNOWN_NONEMPTY)) return { place: "elsewhere", path: null };
  const everything = word.globbed ? EVERYTHING.exec(word.text) : null;
  const text = everything ? (everything[1] ?? "") : word.text;
  if (text === "" && !everything) return { place: "elsewhere", path: null };
  if (cwd === null && !text.startsWith("/")) return { place: "elsewhere", path: null };
  const path = normalizePath(joinPath(cwd ?? "/", text === "" ? "." : text));
  return { place: placeOfPath(path, everything !== null, around), path };
}

/** `contents`: everything below the path is meant rather than the path itself. */
function placeOfPath(path: string, contents: boolean, around: ShellSurroundings): Place {
  const { home, roots } = around;
  if (path === "/") return "root";
  if (DEVICE.test(path)) return "device";
  if (roots.some((root) => path !== root && isWithin(path, root)))
    return /\/\.git(?:\/|$)/.test(path) ? "repository" : "elsewhere";
  if (roots.includes(path)) return contents ? "elsewhere" : "workspace";
  if (path === home || /^\/(?:root|(?:home|Users)\/[^/]+)$/.test(path)) return "home";
  if (roots.some((root) => isWithin(root, path)) || isWithin(around.cwd, path)) return "above-workspace";
  if (
    /^\/dev\/(?:null|zero|full|random|urandom|tty|stdin|stdout|stderr|ptmx|fd\/|shm\/|pts\/|tcp\/|udp\/)/.test(
      path,
    )
  )
    return "elsewhere";
  if (SYSTEM_TREE.test(path)) return "system";
  if (/\/\.git(?:\/|$)/.test(path)) return "repository";
  const below = home !== "/" && path.startsWith(`${home}/`) ? path.slice(home.length + 1) : null;
  return below !== null && HOME_PART.test(below) ? "home-part" : "elsewhere";
}

const NAMES: Readonly<Record<Exclude<Place, "elsewhere">, string>> = {
  root: "the whole file system",
  home: "a home folder",
  "home-part": "a folder of personal data",
  system: "a part of the operating system",
  "above-workspace": "a folder that contains the workspace",
  workspace: "the whole workspace",
  repository: "the repository's history",
  device: "a device",
  "empty-variable": "everything, if the variable is empty",
};

/** What a person would call the place. */
export function placeName(place: Exclude<Place, "elsewhere">): string {
  return NAMES[place];
}
