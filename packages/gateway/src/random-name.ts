/** A name of hexadecimal digits that nobody can guess, from so many random bytes. */
export function randomBytesName(randomBytes: (count: number) => Uint8Array, count: number): string {
  return Buffer.from(randomBytes(count)).toString("hex");
}
