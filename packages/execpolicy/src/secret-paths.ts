/**
 * Well-known places of credentials, by text alone. `key`: the file is a credential itself. `private`: it may hold
 * one or lies next to one.
 */
export type Secrecy = "key" | "private" | null;

const PRIVATE_HOME = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".config/gh",
  ".config/gcloud",
  ".config/hub",
  ".config/op",
  ".config/doctl",
  ".password-store",
  ".local/share/keyrings",
  ".mozilla",
  ".config/google-chrome",
  ".config/chromium",
  ".thunderbird",
  "Library/Keychains",
  ".terraform.d",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".m2/settings.xml",
  ".bash_history",
  ".zsh_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".lesshst",
  ".config/fish/fish_history",
  ".local/share/fish/fish_history",
  ".quire/auth.json",
  ".codex/auth.json",
  ".claude/.credentials.json",
  ".config/rclone",
  ".s3cfg",
  ".boto",
  ".vault-token",
  ".config/solana",
  ".bitcoin",
  ".ethereum",
  ".electrum",
  ".wallet",
];

const KEY_HOME =
  /^(?:\.ssh\/(?!.*\.pub$)(?:id_|.*(?:_rsa|_ed25519|_ecdsa|_dsa|\.pem|\.key|\*|\?)).*|\.ssh\/?\*?|\.aws\/(?:credentials|\*).*|\.netrc|\.git-credentials|\.gnupg\/(?:private-keys.*|secring.*|\*)|\.gnupg|\.ssh|\.aws|\.npmrc|\.pypirc|\.docker\/config\.json|\.kube\/config|\.config\/gh\/hosts\.yml|\.config\/gcloud\/(?:credentials\.db|application_default_credentials\.json|access_tokens\.db|legacy_credentials.*)|\.password-store(?:\/.*)?|\.local\/share\/keyrings(?:\/.*)?|(?:\.quire|\.codex)\/auth\.json|\.claude\/\.credentials\.json|\.vault-token|\.cargo\/credentials(?:\.toml)?|\.azure\/(?:accessTokens\.json|msal_token_cache.*)|\.pgpass|\.my\.cnf|\.mozilla\/.*(?:logins\.json|key[34]\.db|cookies\.sqlite).*|\.config\/(?:google-chrome|chromium)\/.*(?:Login Data|Cookies).*|Library\/Keychains.*|\.(?:bitcoin|ethereum|electrum)\/.*)$/;

const KEY_SYSTEM =
  /^\/(?:etc\/(?:g?shadow-?|sudoers(?:\.d\/.*)?|security\/opasswd|ssh\/ssh_host_[a-z0-9]+_key|ssl\/private(?:\/.*)?|krb5\.keytab)|var\/run\/secrets\/.*|run\/secrets\/.*|proc\/(?:kcore|kmem)|dev\/(?:mem|kmem)|proc\/(?:[^/]+|self\/task\/[^/]+|[^/]+\/task\/[^/]+)\/mem)$/;

const ENVIRON = /^\/proc\/(?:[^/]+|[^/]+\/task\/[^/]+)\/environ$/;

/** Names that are secret in any folder. `.env.example` and its kin are meant to be shared. */
const PRIVATE_NAME =
  /^(?:\.env(?!rc$)(?:\..+|\*|rc)?|\.envrc|\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass|\.my\.cnf|\.git-credentials|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519)(?:_.*)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|agekey)|credentials(?:\.json|\.ya?ml|\.toml)?|secrets?(?:\.json|\.ya?ml|\.toml|\.env)?|service[-_]account.*\.json|auth\.json|.*\.tfstate(?:\.backup)?|.*\.tfvars|kubeconfig|\.dockercfg|vault\.ya?ml|\.vault_pass.*|master\.key)$/i;
const SHARED_NAME = /^\.env\.(?:example|sample|template|dist|defaults?)$/i;
/** A key in the folder ssh keeps keys in, whoever's home that is. */
const SSH_KEY = /\/\.ssh\/id_[^/]*(?<!\.pub)$/;

/** Judges a normalised absolute path; glob characters are taken as text. */
export function secrecyOf(path: string, home: string | undefined): Secrecy {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const inHome = belowHome(path, home);
  if (KEY_SYSTEM.test(path) || SSH_KEY.test(path)) return "key";
  if (inHome !== null) {
    if (KEY_HOME.test(inHome)) return "key";
    if (PRIVATE_HOME.some((place) => inHome === place || inHome.startsWith(`${place}/`))) return "private";
  }
  if (ENVIRON.test(path)) return "private";
  if (SHARED_NAME.test(name)) return null;
  return PRIVATE_NAME.test(name) ? "private" : null;
}

/** True for a file name, or a pattern for one, that is private in any folder. */
export function isPrivateName(pattern: string): boolean {
  const name = pattern.slice(pattern.lastIndexOf("/") + 1);
  if (pattern.startsWith("!") || SHARED_NAME.test(name)) return false;
  return PRIVATE_NAME.test(name) || /^\.e[^/]*[*?[]/.test(name) || picksSecretName(name);
}

const SECRET_NAMES = [
  ".env",
  ".netrc",
  ".npmrc",
  "id_rsa",
  "id_ed25519",
  "id_ecdsa",
  "credentials",
  "credentials.json",
  "secret",
  "secrets",
  "secrets.json",
  "secrets.yml",
  "secrets.yaml",
  "terraform.tfstate",
  "terraform.tfvars",
  "kubeconfig",
  "master.key",
];
const SECRET_ENDINGS = ["pem", "key", "p12", "pfx", "jks", "keystore", "kdbx", "asc", "gpg"];

/**
 * True for a pattern that was made for a secret file without spelling it out: `id_rs?`, `secre*`, `*.ke[y]`. A broad
 * one (`*`, `*.json`, `se*`) is not: it spells two letters of the name at most.
 */
export function picksSecretName(pattern: string): boolean {
  if (!/[*?[]/.test(pattern) || pattern.length > 256) return false;
  const dot = pattern.indexOf(".", 1);
  const stem = dot < 0 ? pattern : pattern.slice(0, dot);
  const ending = dot < 0 ? "" : pattern.slice(dot + 1);
  const spelled = (text: string): number =>
    text.replace(/\[[^\]]*\]|[*?]/g, (each) => (each[0] === "[" ? "x" : "")).length;
  const byEnding = /[*?[]/.test(ending) && spelled(ending) > 0 && spelled(stem + ending) > 1;
  if (byEnding && SECRET_ENDINGS.some((each) => globMatches(ending, each))) return true;
  return spelled(stem) > 2 && SECRET_NAMES.some((each) => globMatches(pattern, each));
}

/** Shell pattern against a name. Both are short; linear but for the stars. */
function globMatches(pattern: string, name: string): boolean {
  let expression = "";
  for (const [part] of pattern.matchAll(/\*+|\?|\[[!^]?\]?[^\]]*\]|./gs)) {
    if (part.startsWith("*")) expression += ".*";
    else if (part === "?") expression += ".";
    else if (part.length > 1)
      expression += `[${part
        .slice(1, -1)
        .replace(/^!/, "^")
        .replace(/[\\\]]/g, "\\$&")}]`;
    else expression += part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  try {
    return new RegExp(`^${expression}$`, "i").test(name);
  } catch {
    // A class that is no class here, such as [z-a]: what bash makes of it is not known.
    return true;
  }
}

/** True for the environment of a process, seen as a file. */
export function isProcessEnvironment(path: string): boolean {
  return ENVIRON.test(path);
}

/** The part below this user's home, or below any folder that is somebody's home by convention. */
function belowHome(path: string, home: string | undefined): string | null {
  if (home !== undefined && home !== "/" && path.startsWith(`${home}/`)) return path.slice(home.length + 1);
  return /^(?:\/root|\/(?:home|Users)\/[^/]+)\/(.*)$/.exec(path)?.[1] ?? null;
}
