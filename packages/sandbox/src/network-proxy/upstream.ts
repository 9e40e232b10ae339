import { connect, type LookupFunction, type Socket } from "node:net";
import { lookupEntries } from "./gate.ts";

/** Name resolution that only knows the checked addresses, so that nothing is looked up a second time. */
export function checkedLookup(addresses: readonly string[]): LookupFunction {
  const entries = lookupEntries(addresses);
  return (_host, options, callback) => {
    const [first] = entries;
    if (first === undefined) callback(new Error("no address"), "");
    else if (options.all) callback(null, entries);
    else callback(null, first.address, first.family);
  };
}

export interface UpstreamTarget {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly connectMs: number;
}

/** A connection to one of the checked addresses. Rejects with the reason when there is none in time. */
export function connectUpstream(target: UpstreamTarget, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      // A name that cannot be resolved otherwise: only the checked addresses answer to it.
      host: "checked.invalid",
      port: target.port,
      lookup: checkedLookup(target.addresses),
      autoSelectFamily: true,
      allowHalfOpen: true,
      noDelay: true,
    });
    const fail = (error: Error) => {
      release();
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(new Error("the client went away"));
    const timer = setTimeout(() => fail(new Error("it did not answer in time")), target.connectMs);
    const release = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.off("error", fail);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      release();
      resolve(socket);
    });
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
