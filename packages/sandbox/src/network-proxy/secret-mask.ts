import { Transform, type TransformCallback } from "node:stream";

const SHORTEST_SECRET = 6;

/**
 * Puts asterisks over secrets in what a server sends back, so that one that echoes its request does not tell the
 * command what it must not see. Lengths stay as they were. Encoded forms of a secret are not found.
 */
export class SecretMask {
  readonly #secrets: readonly Buffer[];

  /** `values` are whole header values; the part after a scheme such as `Bearer` counts by itself as well. */
  constructor(values: Iterable<string>) {
    const parts = [...values].flatMap((value) => [value, value.split(/\s+/).at(-1) ?? ""]);
    this.#secrets = [...new Set(parts)]
      .filter((part) => part.length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length)
      .map((part) => Buffer.from(part, "latin1"));
  }

  text(text: string): string {
    const bytes = Buffer.from(text, "latin1");
    this.#cover(bytes);
    return bytes.toString("latin1");
  }

  /** For a body: masks secrets also where they are cut by the boundaries of chunks. */
  stream(): Transform {
    const keep = Math.max(0, ...this.#secrets.map((secret) => secret.length - 1));
    let held = Buffer.alloc(0);
    return new Transform({
      transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
        // A copy: the bytes are changed in place.
        const bytes = Buffer.concat([held, chunk]);
        this.#cover(bytes);
        const ready = Math.max(0, bytes.length - keep);
        held = bytes.subarray(ready);
        done(null, bytes.subarray(0, ready));
      },
      flush: (done) => done(null, held),
    });
  }

  #cover(bytes: Buffer): void {
    for (const secret of this.#secrets) {
      for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + secret.length)) {
        bytes.fill("*", at, at + secret.length);
      }
    }
  }
}
