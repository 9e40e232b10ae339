import { MORE, type Needle, NO } from "./needle.ts";

/** A value that must not be shown anywhere, and what stands in its place. */
export interface KnownSecret {
  /** Such as the name of its environment variable. */
  name: string;
  value: string;
}

const MIN_SECRET_LENGTH = 8;

/** The needles of a secret: as it is, and as it looks inside JSON and inside a URL. */
export function secretNeedles(secret: KnownSecret): Needle[] {
  const { value } = secret;
  if (value.length < MIN_SECRET_LENGTH) return [];
  const name = secret.name.replace(/[^\w.-]/g, "_").slice(0, 60);
  const forms = new Set([value, JSON.stringify(value).slice(1, -1), asUrlPart(value)]);
  return [...forms].map((form) => literal(form, name));
}

function asUrlPart(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half of a surrogate pair has no such form.
    return value;
  }
}

function literal(lead: string, name: string): Needle {
  return {
    lead,
    name,
    boundary: false,
    judge(text, at, final) {
      if (text.startsWith(lead, at)) return { kind: "match", from: at, to: at + lead.length, tail: null };
      return !final && lead.startsWith(text.slice(at)) ? MORE : NO;
    },
  };
}

/** `API_KEY`, `npm_config_authToken`, `DB_PASSWORD`; not `KEYBOARD` and not `PWD`. */
const SECRET_NAME =
  /(?:^|[_.-])(?:api_?)?(?:key|token|secret|passw(?:or)?d|passphrase|pwd|credentials?|auth|authtoken|cookie)(?:$|[_.-])|(?:apikey|token|secret|passw(?:or)?d|passphrase)$/i;
/** The current directory, sockets and files: places, not secrets. */
const NO_SECRET_NAME =
  /^(?:PWD|OLDPWD)$|(?:_SOCK|_FILE|_PATH|_DIR|_ID|_URL|_HOST|_PORT|_TYPE|_NAME|_EXPIRES?)$/i;

/** Whether a variable or a setting of this name holds a secret, going by the name. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name);
}

/**
 * Whether hiding a value can do more good than harm: not if it is short, a word, a path or a plain number, which stand in
 * ordinary text for other reasons.
 */
export function isWorthHiding(value: string): boolean {
  if (value.length < MIN_SECRET_LENGTH) return false;
  if (/^(?:[~.]{0,2}\/|[A-Za-z]:\\)/.test(value)) return false;
  if (/^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)(?:[ _-][A-Za-z]+)?$/.test(value)) return value.length >= 20;
  return !/^[\d.,:]+$/.test(value) || value.length >= 16;
}

/** The secrets among environment variables. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): KnownSecret[] {
  const found: KnownSecret[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && namesSecret(name) && isWorthHiding(value)) found.push({ name, value });
  }
  return found;
}
