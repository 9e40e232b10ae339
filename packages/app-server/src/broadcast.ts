import type { ServerNotification } from "@quire/protocol/app-server";

/** Tells every client, whatever it follows. */
export type Broadcast = (notification: ServerNotification) => void;
