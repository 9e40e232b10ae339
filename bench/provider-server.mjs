/** The scripted model server for `providers.mjs`: every request gets the same stream. Tells its parent the address. */
import { pathToFileURL } from "node:url";

/** @type {{ bundle: string, deltas: number, rate?: number }} */
const { bundle, deltas, rate } = JSON.parse(process.argv[2] ?? "");
const { scriptedResponses, says } = await import(pathToFileURL(bundle).href);
const delivery = rate === undefined ? {} : { delivery: { ratePerSecond: rate } };
const server = await scriptedResponses([], { afterwards: says({ deltas, chars: 4 }, delivery) });
process.send?.(server.url);
