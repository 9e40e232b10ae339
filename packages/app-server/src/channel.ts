/** One connected client as the transports give it: frames of text in both directions. */
export interface Channel {
  /** Hands a frame over. False when the client reads slower than we write; `drained` is called when it goes on. */
  send(frame: string): boolean;
  /** Ends the connection. May be called twice. */
  close(): void;
}

/** What a transport tells the door. After `closed` nothing more is called. */
export interface ChannelListener {
  frame(text: string): void;
  /** A frame was longer than the limit and was thrown away. */
  oversized(limitBytes: number): void;
  drained(): void;
  closed(): void;
}

/** Makes the listener of a new channel. */
export type AcceptChannel = (channel: Channel) => ChannelListener;

/** The longest frame that is read: a pasted image in a message fits, a runaway client does not. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
