/** 16 random bytes or more; the composition root hands in a cryptographic source. */
export type RandomBytes = (count: number) => Uint8Array;

/** A version 7 UUID (RFC 9562): its first 48 bits are the time, so names sort by age. */
export function uuidV7(unixMs: number, randomBytes: RandomBytes): string {
  const bytes = Uint8Array.from(randomBytes(16));
  let time = Math.max(0, Math.floor(unixMs));
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isThreadId(text: string): boolean {
  return UUID.test(text);
}
