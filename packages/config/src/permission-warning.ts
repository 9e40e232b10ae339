import { isTable, type Table } from "./table.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

const OTHERS_WRITE = 0o002;
const OTHERS_READ = 0o044;
const SECRET_KEY = /^(?:experimental_bearer_token|authorization|x-api-key|api-key|api_key)$/i;

/** A warning when other users can change the file, or read a credential in it. `mode` holds the permission bits. */
export function permissionWarning(file: string, mode: number, table: Table): ConfigWarning | null {
  if ((mode & OTHERS_WRITE) !== 0) {
    return configWarning(
      "file_permissions",
      `${file} can be changed by every user of this machine. Run: chmod 600 ${file}`,
      { file },
    );
  }
  if ((mode & OTHERS_READ) !== 0 && holdsSecret(table)) {
    return configWarning(
      "file_permissions",
      `${file} holds a credential and can be read by other users. Run: chmod 600 ${file}`,
      { file },
    );
  }
  return null;
}

function holdsSecret(table: Table): boolean {
  return Object.entries(table).some(([key, value]) =>
    isTable(value) ? holdsSecret(value) : typeof value === "string" && SECRET_KEY.test(key),
  );
}
