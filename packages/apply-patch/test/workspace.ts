import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A temporary folder that goes away with `using`. */
export interface Workspace extends Disposable {
  readonly root: string;
  /** Beside the root, for journals. */
  readonly journal: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Every file below the root, one character per byte, links as `-> target`. */
  read(): Record<string, string>;
}

export function makeWorkspace(files: Readonly<Record<string, string>> = {}): Workspace {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "apply-patch-")));
  const root = path.join(base, "work");
  fs.mkdirSync(root);
  const workspace: Workspace = {
    root,
    journal: path.join(base, "journal"),
    write(wanted) {
      for (const [name, text] of Object.entries(wanted)) {
        fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        fs.writeFileSync(path.join(root, name), text, "latin1");
      }
    },
    read: () => readFiles(root),
    [Symbol.dispose]: () => fs.rmSync(base, { recursive: true, force: true }),
  };
  workspace.write(files);
  return workspace;
}

export function readFiles(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of fs.readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    const file = path.join(root, name);
    const stat = fs.lstatSync(file);
    if (stat.isSymbolicLink()) found[name] = `-> ${fs.readlinkSync(file)}`;
    else if (stat.isFile()) found[name] = fs.readFileSync(file, "latin1");
    else if (fs.readdirSync(file).length === 0) found[`${name}/`] = "";
  }
  return found;
}
