import type { EffectiveCommand } from "../shell/effective-command.ts";
import type { ShellSurroundings, ShellWord } from "../shell/script-model.ts";
import type { Place } from "../shell/target-place.ts";
import { hasOption, operandsOf } from "../shell/write-targets.ts";
import { findDeletes, findStarts } from "./find-deletes.ts";
import { type ForbidRule, type ForbidRules, findPlace, placeOf } from "./forbid-rule.ts";
import { secretPaths } from "./secrets.ts";

/** Losing any of these is past repair. */
const PRECIOUS: readonly Place[] = [
  "root",
  "home",
  "home-part",
  "system",
  "above-workspace",
  "workspace",
  "repository",
  "device",
  "empty-variable",
];
const SINGLE_FILES: readonly Place[] = ["root", "system", "device"];
const WIDE: readonly Place[] = ["root", "home", "system", "above-workspace", "empty-variable"];

const HISTORY_FILE = /\/\.(?:bash|zsh|python|psql|mysql)_history$|\/fish_history$/;

function historyFile(
  words: readonly ShellWord[],
  effective: EffectiveCommand,
  around: ShellSurroundings,
): string | null {
  const hit = words.some((word) => HISTORY_FILE.test(placeOf(word, effective, around).path ?? ""));
  return hit ? "removes the record of past commands" : null;
}

const removeFiles: ForbidRule = (effective, around) => {
  const { args } = effective;
  if (hasOption(args, "", "--no-preserve-root")) return "switches off the protection of /";
  const recursive = hasOption(args, "rR", "--recursive");
  const operands = operandsOf(args);
  const places = recursive ? PRECIOUS : SINGLE_FILES;
  return (
    findPlace(operands, places, effective, around, "deletes") ?? historyFile(operands, effective, around)
  );
};

const findRule: ForbidRule = (effective, around) => {
  if (!findDeletes(effective.args)) return null;
  const named = effective.args.find(
    (arg, index) => arg.text === ".git" && /^-i?name$/.test(effective.args[index - 1]?.text ?? ""),
  );
  if (named) return "deletes the repository's history";
  const narrowed = effective.args.some((arg) =>
    /^-(?:i?name|i?path|i?regex|mtime|size|empty|newer)/.test(arg.text),
  );
  const places: readonly Place[] = narrowed
    ? ["root", "system", "device"]
    : PRECIOUS.filter((place) => place !== "workspace");
  return findPlace(
    findStarts(effective.args),
    places,
    effective,
    around,
    "changes or deletes what it finds in",
  );
};

const changeMode: ForbidRule = (effective, around) => {
  const { args, name } = effective;
  const operands = operandsOf(args);
  const [mode, ...rest] = operands;
  const files = hasOption(args, "", "--reference") ? operands : rest;
  if (name === "chmod" && setsSetuid(mode?.text ?? "", args))
    return "makes a program run with its owner's rights";
  const recursive = hasOption(args, "R", "--recursive");
  return findPlace(files, recursive ? WIDE : SINGLE_FILES, effective, around, "changes the permissions of");
};

function setsSetuid(mode: string, args: readonly ShellWord[]): boolean {
  const special = /^0?([0-7])[0-7]{3}$/.exec(mode)?.[1];
  if (special !== undefined && (Number(special) & 6) !== 0) return true;
  return args.some((arg) => /^(?:.*,)?[ugoa]*[+=][rwxXt]*s/.test(arg.text) && !arg.text.includes("/"));
}

const move: ForbidRule = (effective, around) => {
  const operands = operandsOf(effective.args, "St");
  const target = operands[operands.length - 1];
  if (operands.length > 1 && target && placeOf(target, effective, around).path === "/dev/null")
    return "throws files away into /dev/null";
  return findPlace(operands.slice(0, -1), PRECIOUS, effective, around, "moves away");
};

const rawDisk: ForbidRule = (effective, around) => {
  const { name, args } = effective;
  if (name === "fdisk" && hasOption(args, "l", "--list")) return null;
  if (
    /^(?:sfdisk|sgdisk|parted|gdisk)$/.test(name) &&
    (hasOption(args, "ldp", "--list", "--dump", "--print") || args.some((arg) => arg.text === "print"))
  )
    return null;
  return findPlace(args, ["device"], effective, around, "formats or overwrites");
};

const wipe: ForbidRule = (effective, around) => {
  const operands = operandsOf(effective.args, "ns");
  return (
    findPlace(operands, PRECIOUS, effective, around, "overwrites") ??
    historyFile(operands, effective, around) ??
    (secretPaths(operands, effective, around, "key").length > 0 ? "overwrites a credential file" : null)
  );
};

const copyRaw: ForbidRule = (effective, around) => {
  for (const arg of effective.args) {
    const raw = /^(if|of)=(.*)$/s.exec(arg.text);
    if (raw?.[1] === undefined) continue;
    const { place } = placeOf({ ...arg, text: raw[2] ?? "" }, effective, around);
    if (place === "device") return raw[1] === "of" ? "writes straight to a device" : "reads a whole device";
    if (raw[1] === "of" && place === "system") return "overwrites a part of the operating system";
  }
  return null;
};

const always =
  (why: string, ...words: string[]): ForbidRule =>
  ({ args }) =>
    words.length === 0 ||
    words.some((word) => args.some((arg) => arg.text === word || arg.text.startsWith(`${word}=`)))
      ? why
      : null;

const syncAway: ForbidRule = (effective, around) => {
  if (
    !hasOption(
      effective.args,
      "",
      "--delete",
      "--del",
      "--delete-before",
      "--delete-after",
      "--delete-excluded",
      "--remove-source-files",
    )
  )
    return null;
  return findPlace(
    operandsOf(effective.args, "ef"),
    PRECIOUS,
    effective,
    around,
    "deletes what is missing elsewhere from",
  );
};

const cloud: ForbidRule = ({ name, args }) => {
  const words = args.map((arg) => arg.text);
  if (name === "terraform" || name === "tofu")
    return words.includes("destroy") || (words.includes("-destroy") && words.includes("apply"))
      ? "tears down infrastructure"
      : null;
  if (name === "aws")
    return words.includes("s3") &&
      ((words.includes("rb") && words.includes("--force")) ||
        (words.includes("rm") && words.includes("--recursive")))
      ? "deletes a whole storage bucket"
      : null;
  if (name === "kubectl")
    return words.includes("delete") &&
      words.some((word) => /^(?:--all|-A|--all-namespaces|namespaces?|ns)$/.test(word))
      ? "deletes a whole cluster's objects"
      : null;
  return null;
};

const sql: ForbidRule = ({ args, command }) => {
  const texts = [...args.map((arg) => arg.text), ...command.redirects.map((each) => each.body?.text ?? "")];
  return texts.some((text) => /\bdrop\s+(?:database|schema)\b/i.test(text)) ||
    command.words[0]?.text === "dropdb"
    ? "drops a whole database"
    : null;
};

/** Loss of data or of the machine. */
export const DESTROY: ForbidRules = {
  rm: removeFiles,
  find: findRule,
  chmod: changeMode,
  chown: changeMode,
  chgrp: changeMode,
  setfacl: changeMode,
  mv: move,
  shred: wipe,
  wipe,
  srm: wipe,
  truncate: (effective, around) =>
    findPlace(operandsOf(effective.args, "sr"), SINGLE_FILES, effective, around, "empties"),
  unlink: (effective, around) => findPlace(effective.args, SINGLE_FILES, effective, around, "deletes"),
  cp: (effective, around) =>
    findPlace(operandsOf(effective.args, "St").slice(-1), ["device"], effective, around, "overwrites"),
  dd: copyRaw,
  fdisk: rawDisk,
  sfdisk: rawDisk,
  sgdisk: rawDisk,
  gdisk: rawDisk,
  parted: rawDisk,
  mkswap: rawDisk,
  wipefs: rawDisk,
  blkdiscard: rawDisk,
  badblocks: rawDisk,
  tune2fs: rawDisk,
  debugfs: rawDisk,
  hdparm: always(
    "erases a disk",
    "--security-erase",
    "--security-erase-enhanced",
    "--trim-sector-ranges",
    "--write-sector",
  ),
  nvme: always("erases a disk", "format", "sanitize", "write-zeroes"),
  cryptsetup: always(
    "destroys an encrypted volume",
    "luksFormat",
    "erase",
    "luksErase",
    "luksKillSlot",
    "luksRemoveKey",
  ),
  lvremove: always("removes a volume"),
  vgremove: always("removes a volume group"),
  pvremove: always("removes a physical volume"),
  dmsetup: always("removes mapped volumes", "remove_all", "wipe_table"),
  mdadm: always("destroys a disk array", "--zero-superblock"),
  zpool: always("destroys a storage pool", "destroy", "labelclear"),
  zfs: always("destroys a file system", "destroy"),
  mknod: ({ args }) => (args.some((arg) => /^[bcu]$/.test(arg.text)) ? "makes a device" : null),
  "redis-cli": always("empties a whole database", "flushall", "FLUSHALL", "flushdb", "FLUSHDB"),
  npm: always("removes a published package", "unpublish"),
  rsync: syncAway,
  terraform: cloud,
  tofu: cloud,
  aws: cloud,
  kubectl: cloud,
  psql: sql,
  mysql: sql,
  mariadb: sql,
  dropdb: sql,
  "*": (effective, around) => {
    if (/^(?:mkfs(?:\..*)?|mke2fs|mkdosfs|mkntfs|newfs)$/.test(effective.name))
      return rawDisk(effective, around);
    return unknownProgram(effective, around);
  },
};

/** A program that is only known at run time, with the arguments of a recursive delete of something precious. */
function unknownProgram(effective: EffectiveCommand, around: ShellSurroundings): string | null {
  if (!effective.invoked.includes("\ue000")) return null;
  const deletes = effective.args.some((arg) => /^-(?:[a-z]*r[a-z]*f|[a-z]*f[a-z]*r)[a-z]*$/i.test(arg.text));
  return deletes
    ? findPlace(operandsOf(effective.args), PRECIOUS, effective, around, "a hidden program that deletes")
    : null;
}
