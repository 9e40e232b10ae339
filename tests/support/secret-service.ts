import { createCipheriv, createDecipheriv, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";
import { type DBusCall, type DBusServer, type DBusValue, openDBus, Variant } from "./d-bus.ts";

/** What is kept, with the attributes by which it is found. */
interface Item {
  readonly path: string;
  readonly attributes: Readonly<Record<string, string>>;
  secret: string;
}

/** A session bus with a secret service on it, and nothing else. */
export interface SecretService extends DBusServer {
  readonly items: readonly Item[];
}

const COLLECTION = "/org/freedesktop/secrets/collection/login";
const SESSION = "/org/freedesktop/secrets/session/1";
const NO_PROMPT = "/";

/**
 * The part of freedesktop.org's Secret Service that a program needs to keep, find and remove a secret in the unlocked
 * default collection. Secrets are encrypted on the way, as real services do (`dh-ietf1024-sha256-aes128-cbc-pkcs7`); one
 * client at a time.
 */
export async function openSecretService(): Promise<SecretService> {
  const keeper = new Keeper();
  const methods: Readonly<Record<string, Method>> = { ...BUS, ...serviceMethods(keeper) };
  const server = await openDBus((call) => {
    const answer = methods[call.method]?.(call);
    return answer && { signature: answer[0], body: answer.slice(1) };
  });
  return Object.assign(server, { items: keeper.items });
}

type Answer = [signature: string, ...body: DBusValue[]];
type Method = (call: DBusCall) => Answer | undefined;

const BUS: Readonly<Record<string, Method>> = {
  "org.freedesktop.DBus.Hello": () => ["s", ":1.1"],
  "org.freedesktop.DBus.AddMatch": () => [""],
  "org.freedesktop.DBus.RemoveMatch": () => [""],
  "org.freedesktop.DBus.GetNameOwner": () => ["s", ":1.0"],
  "org.freedesktop.DBus.NameHasOwner": () => ["b", true],
  "org.freedesktop.DBus.StartServiceByName": () => ["u", 2],
};

function serviceMethods(keeper: Keeper): Readonly<Record<string, Method>> {
  const pathsOf = (wanted: DBusValue | undefined) => keeper.found(wanted).map(({ path }) => path);
  return {
    "org.freedesktop.DBus.Properties.Get": ({ path, body: [, name] }) => {
      const property = keeper.property(path, String(name));
      return property && ["v", property];
    },
    "org.freedesktop.Secret.Service.OpenSession": ({ body: [, theirs] }) => [
      "vo",
      new Variant("ay", [...keeper.agree(bytesOf(theirs))]),
      SESSION,
    ],
    "org.freedesktop.Secret.Service.ReadAlias": () => ["o", COLLECTION],
    "org.freedesktop.Secret.Service.Unlock": ({ body: [paths = []] }) => ["aoo", paths, NO_PROMPT],
    "org.freedesktop.Secret.Service.SearchItems": ({ body: [wanted] }) => ["aoao", pathsOf(wanted), []],
    "org.freedesktop.Secret.Collection.SearchItems": ({ body: [wanted] }) => ["ao", pathsOf(wanted)],
    "org.freedesktop.Secret.Collection.CreateItem": ({ body: [properties, sealed] }) => [
      "oo",
      keeper.keep(properties, sealed),
      NO_PROMPT,
    ],
    "org.freedesktop.Secret.Item.GetSecret": ({ path }) => {
      const item = keeper.at(path);
      return item && ["(oayays)", keeper.seal(item.secret)];
    },
    "org.freedesktop.Secret.Item.SetSecret": ({ path, body: [sealed] }) => {
      const item = keeper.at(path);
      if (item) item.secret = keeper.open(sealed);
      return item && [""];
    },
    "org.freedesktop.Secret.Item.Delete": ({ path }) => keeper.remove(path) && ["o", NO_PROMPT],
  };
}

class Keeper {
  readonly items: Item[] = [];
  #last = 0;
  #key = Buffer.alloc(16);

  /** Diffie-Hellman over the second Oakley group, as the specification wants it. Returns our half. */
  agree(theirs: Buffer): Buffer {
    const group = getDiffieHellman("modp2");
    const ours = group.generateKeys();
    const shared = group.computeSecret(theirs);
    const whole = Buffer.concat([Buffer.alloc(128 - shared.length), shared]);
    this.#key = Buffer.from(hkdfSync("sha256", whole, "", "", 16));
    return ours;
  }

  seal(secret: string): DBusValue {
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-128-cbc", this.#key, iv);
    return [SESSION, [...iv], [...cipher.update(secret), ...cipher.final()], "text/plain"];
  }

  open(sealed: DBusValue | undefined): string {
    const [, iv, text] = listOf(sealed);
    const decipher = createDecipheriv("aes-128-cbc", this.#key, bytesOf(iv));
    return Buffer.concat([decipher.update(bytesOf(text)), decipher.final()]).toString();
  }

  at(path: string): Item | undefined {
    return this.items.find((item) => item.path === path);
  }

  found(wanted: DBusValue | undefined): Item[] {
    return this.items.filter(({ attributes }) =>
      Object.entries(recordOf(wanted)).every(([name, value]) => attributes[name] === value),
    );
  }

  keep(properties: DBusValue | undefined, sealed: DBusValue | undefined): string {
    const named = listOf(properties).map(listOf);
    const [, given] = named.find(([name]) => name === "org.freedesktop.Secret.Item.Attributes") ?? [];
    const secret = this.open(sealed);
    const [known] = this.found(plain(given));
    if (known) known.secret = secret;
    const path = known?.path ?? `${COLLECTION}/${++this.#last}`;
    if (!known) this.items.push({ path, attributes: recordOf(plain(given)), secret });
    return path;
  }

  /** False when there is none. */
  remove(path: string): true | undefined {
    const index = this.items.findIndex((item) => item.path === path);
    if (index === -1) return undefined;
    this.items.splice(index, 1);
    return true;
  }

  property(path: string, name: string): Variant | undefined {
    const attributes = Object.entries(this.at(path)?.attributes ?? {});
    const paths = this.items.map((item) => item.path);
    if (name === "Locked") return new Variant("b", false);
    if (name === "Attributes") return new Variant("a{ss}", attributes);
    if (name === "Label") return new Variant("s", "a label");
    if (name === "Items") return new Variant("ao", paths);
    return name === "Collections" ? new Variant("ao", [COLLECTION]) : undefined;
  }
}

function plain(value: DBusValue | undefined): DBusValue | undefined {
  return value instanceof Variant ? value.value : value;
}

function listOf(value: DBusValue | undefined): DBusValue[] {
  return Array.isArray(value) ? value : [];
}

function bytesOf(value: DBusValue | undefined): Buffer {
  return Buffer.from(listOf(plain(value)).map(Number));
}

function recordOf(value: DBusValue | undefined): Record<string, string> {
  return Object.fromEntries(
    listOf(value)
      .map(listOf)
      .map(([name, entry]) => [String(name), String(plain(entry))]),
  );
}
