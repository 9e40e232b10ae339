import {
  type CharacterSet,
  characterSet,
  has,
  type Judgement,
  MORE,
  type Needle,
  NO,
  runEnd,
  type Tail,
  tokenTail,
} from "./needle.ts";
import { privateKeyNeedle } from "./private-key.ts";

const LETTERS_DIGITS = "A-Za-z0-9";
const WORD = characterSet(`${LETTERS_DIGITS}_`);
const WORD_DASH = characterSet(`${LETTERS_DIGITS}_-`);
const ALNUM = characterSet(LETTERS_DIGITS);
const BASE64 = characterSet(`${LETTERS_DIGITS}+/=`);
const CREDENTIAL = characterSet(`${LETTERS_DIGITS}._~+/=-`);

interface TokenShape {
  name: string;
  lead: string;
  /** One of these follows the lead. */
  variants?: readonly string[];
  body: CharacterSet;
  /** So many characters of the body decide. */
  length: number;
  /** Characters at the beginning that stay visible. */
  visible?: number;
  tail?: CharacterSet;
  looksReal?: (body: string) => boolean;
}

/** A token that its first characters give away. */
function token(shape: TokenShape): Needle {
  const { name, lead, variants, body, length, visible = 0 } = shape;
  const looksReal = shape.looksReal ?? looksRandom;
  const tail = tokenTail(shape.tail ?? body);
  return {
    lead,
    name,
    boundary: true,
    judge(text, at, final) {
      let start = at + lead.length;
      if (variants !== undefined) {
        const variant = variants.find((each) => text.startsWith(each, start));
        if (variant === undefined) {
          const rest = text.slice(start, start + 8);
          return !final && variants.some((each) => each.startsWith(rest)) ? MORE : NO;
        }
        start += variant.length;
      }
      const end = runEnd(text, start, body, Math.min(text.length, start + length));
      if (end < start + length) return end === text.length && !final ? MORE : NO;
      if (!looksReal(text.slice(start, end))) return NO;
      return { kind: "match", from: at + visible, to: end, tail };
    },
  };
}

/** Keeps `sk-xxxxxxxxxxxxxxxxxxxx` in documentation and `sk-some-long-class-name` in a style sheet readable. */
function looksRandom(body: string): boolean {
  return /[A-Z0-9]/.test(body) && new Set(body).size >= 6;
}

function looksEncoded(body: string): boolean {
  return /\d|[a-z][A-Z]/.test(body) && new Set(body).size >= 6;
}

const AUTHORIZATION = ["Bearer ", "bearer ", "Basic ", "basic "].map((lead) =>
  token({
    name: "authorization",
    lead,
    body: lead.length === 7 ? CREDENTIAL : BASE64,
    length: lead.length === 7 ? 16 : 12,
    visible: lead.length,
    looksReal: looksEncoded,
  }),
);

const USER = characterSet(`${LETTERS_DIGITS}._~%!$&*+,;=-`);
const PASSWORD = characterSet(`${LETTERS_DIGITS}._~%!$&*+,;=:?#^()|{}[]-`);
const NOT_SECRET =
  /^(?:password|passwd|pass|pw|secret|postgres|mysql|root|admin|user|username|guest|example|changeme|test|token|x+|\*+|\.+)$/i;

/** `scheme://user:password@host`; the scheme and the host stay visible. */
const urlCredentials: Needle = {
  lead: "://",
  name: "url-credentials",
  boundary: false,
  judge(text, at, final) {
    const start = at + 3;
    const userEnd = runEnd(text, start, USER, Math.min(text.length, start + 128));
    if (userEnd === text.length) return final ? NO : MORE;
    if (text[userEnd] === "@") {
      const user = text.slice(start, userEnd);
      return user.length >= 20 && looksEncoded(user)
        ? { kind: "match", from: start, to: userEnd, tail: null }
        : NO;
    }
    if (text[userEnd] !== ":") return NO;
    const end = runEnd(text, userEnd + 1, PASSWORD, Math.min(text.length, userEnd + 257));
    if (end === text.length) return final ? NO : MORE;
    const password = text.slice(userEnd + 1, end);
    if (text[end] !== "@" || password === "" || isPlaceholder(password, text.slice(start, userEnd)))
      return NO;
    return { kind: "match", from: start, to: end, tail: null };
  },
};

function isPlaceholder(password: string, user: string): boolean {
  return password === user || /[${}[\]()|]/.test(password) || NOT_SECRET.test(password);
}

/** Three parts of base64url; the first two begin with `{"`. */
const jsonWebToken: Needle = {
  lead: "eyJ",
  name: "jwt",
  boundary: true,
  judge(text, at, final) {
    const headerEnd = runEnd(text, at, WORD_DASH, Math.min(text.length, at + 1024));
    const undecided = final ? NO : MORE;
    if (headerEnd === text.length) return undecided;
    if (headerEnd - at < 12 || text[headerEnd] !== ".") return NO;
    const rest = text.slice(headerEnd + 1, headerEnd + 4);
    if (rest === "eyJ") return { kind: "match", from: at, to: headerEnd + 4, tail: JWT_TAIL };
    return "eyJ".startsWith(rest) ? undecided : NO;
  },
};
const JWT_TAIL: Tail = tokenTail(characterSet(`${LETTERS_DIGITS}_.-`));

const BETWEEN_KEY_AND_VALUE = characterSet(" \t\"'\\:=");

/** The value behind a name such as `aws_secret_access_key`: forty characters that nothing else gives away. */
function namedSecret(lead: string): Needle {
  return {
    lead,
    name: "aws-secret-key",
    boundary: false,
    judge(text, at, final): Judgement {
      const nameEnd = at + lead.length;
      const start = runEnd(text, nameEnd, BETWEEN_KEY_AND_VALUE, Math.min(text.length, nameEnd + 12));
      const undecided = final ? NO : MORE;
      if (start === text.length) return undecided;
      if (start === nameEnd) return NO;
      const end = runEnd(text, start, BASE64, Math.min(text.length, start + 40));
      if (end < start + 40) return end === text.length ? undecided : NO;
      if (!looksRandom(text.slice(start, end))) return NO;
      return { kind: "match", from: start, to: end, tail: tokenTail(BASE64) };
    },
  };
}

/** What is taken for a secret wherever it stands. Each pattern is one that ordinary text does not match by chance. */
export const SECRET_PATTERNS: readonly Needle[] = [
  privateKeyNeedle,
  token({ name: "api-key", lead: "sk-", body: WORD_DASH, length: 20 }),
  token({ name: "stripe-key", lead: "sk_live_", body: ALNUM, length: 16 }),
  token({ name: "stripe-key", lead: "rk_live_", body: ALNUM, length: 16 }),
  token({
    name: "github-token",
    lead: "gh",
    variants: ["p_", "o_", "u_", "s_", "r_"],
    body: ALNUM,
    length: 20,
  }),
  token({ name: "github-token", lead: "github_pat_", body: WORD, length: 20 }),
  token({ name: "gitlab-token", lead: "glpat-", body: WORD_DASH, length: 16 }),
  token({ name: "npm-token", lead: "npm_", body: ALNUM, length: 20 }),
  token({ name: "pypi-token", lead: "pypi-AgE", body: WORD_DASH, length: 20 }),
  token({ name: "huggingface-token", lead: "hf_", body: ALNUM, length: 20 }),
  token({ name: "google-key", lead: "AIza", body: WORD_DASH, length: 20 }),
  token({ name: "sendgrid-key", lead: "SG.", body: WORD_DASH, length: 20, tail: CREDENTIAL }),
  token({
    name: "slack-token",
    lead: "xox",
    variants: ["a-", "b-", "e-", "o-", "p-", "r-", "s-"],
    body: WORD_DASH,
    length: 10,
  }),
  token({
    name: "slack-webhook",
    lead: "hooks.slack.com/services/",
    body: characterSet(`${LETTERS_DIGITS}/`),
    length: 20,
  }),
  token({ name: "aws-key-id", lead: "AKIA", body: characterSet("A-Z0-9"), length: 16 }),
  token({ name: "aws-key-id", lead: "ASIA", body: characterSet("A-Z0-9"), length: 16 }),
  namedSecret("ecret_access_key"),
  namedSecret("ECRET_ACCESS_KEY"),
  namedSecret("ecretAccessKey"),
  ...AUTHORIZATION,
  urlCredentials,
  jsonWebToken,
];

export function isWordCharacter(code: number): boolean {
  return has(WORD, code);
}
