import fs from "node:fs";
import path from "node:path";
import { folderManifest } from "@quire/config";
import { parseSkill } from "@quire/core";
import { CodedError, visibleLine } from "@quire/protocol";
import * as z from "zod/mini";
import { copyFolder, fetchSource } from "../plugins/fetch-source.ts";
import { readPlainText } from "../session/plain-text.ts";
import type { System } from "../system.ts";

const RecordSchema = z.record(z.string(), z.object({ source: z.string(), commit: z.nullable(z.string()) }));

/** Where each installed skill came from, by name. */
export type InstalledSkills = z.infer<typeof RecordSchema>;

/** What `install` has noted; nothing when the record is missing or damaged. */
export function readInstalledSkills(home: string): InstalledSkills {
  try {
    const parsed = z.safeParse(RecordSchema, JSON.parse(fs.readFileSync(recordFile(home), "utf8")));
    return parsed.success ? parsed.data : {};
  } catch {
    // Nothing was installed yet, or the record is damaged: skills work without it.
    return {};
  }
}

/** Copies a skill into the Quire home and notes its source. Fails with `usage_invalid` and then nothing has changed. */
export async function installSkill(
  word: string,
  ref: string | null,
  at: { system: System; home: string },
): Promise<string> {
  const fetched = await fetchSource(word, ref, at);
  try {
    const text = readPlainText(path.join(fetched.folder, "SKILL.md"), fetched.folder);
    if (text === null) throw refused(word, "it holds no SKILL.md");
    const parsed = await parseSkill(text);
    if (!parsed.ok) throw refused(word, parsed.message);
    const manifest = folderManifest(fetched.folder);
    if (!manifest.ok) throw refused(word, manifest.reason);
    const { name } = parsed.skill;
    const folder = path.join(at.home, "skills", name);
    if (fs.existsSync(folder)) throw refused(word, `there is a skill ${name} already; remove it first`);
    fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
    copyFolder(fetched.folder, folder);
    const { source, commit } = fetched;
    write(at.home, { ...readInstalledSkills(at.home), [name]: { source, commit } });
    return name;
  } finally {
    fetched.dispose();
  }
}

/** Removes a skill from the Quire home. */
export function removeSkill(name: string, home: string): void {
  const folder = path.join(home, "skills", name);
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name) || !fs.existsSync(path.join(folder, "SKILL.md"))) {
    throw new CodedError(
      "usage_invalid",
      `there is no skill ${visibleLine(name)} in ${path.join(home, "skills")}`,
      {
        nextStep: "See: quire skills list",
      },
    );
  }
  fs.rmSync(folder, { recursive: true });
  const { [name]: _, ...rest } = readInstalledSkills(home);
  write(home, rest);
}

function refused(word: string, why: string): CodedError {
  return new CodedError("usage_invalid", `${visibleLine(word)} is not installed: ${visibleLine(why)}`);
}

function recordFile(home: string): string {
  return path.join(home, "skills", ".installed.json");
}

function write(home: string, record: InstalledSkills): void {
  const file = recordFile(home);
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}
