/** One connected client as the transports give it: frames in both directions, of text unless it is in this process. */
export interface Channel {
  /** Hands a frame over. False when the client reads slower than we write; `drained` is called when it goes on. */
  send(frame: string): boolean;
  /**
   * In place of `send`, for a client in this process: the frame itself, which nobody may change. Such a client never falls
   * behind, so nothing is left out for it.
   */
  sendValue?(frame: object): void;
  /** Ends the connection. May be called twice. */
  close(): void;
}

/** What a transport tells the door. After `closed` nothing more is called. */
export interface ChannelListener {
  frame(text: string): void;
  /** A frame that was never text; it is checked like any other. */
  value(frame: unknown): void;
  /** A frame was longer than the limit and was thrown away. */
  oversized(limitBytes: number): void;
  drained(): void;
  closed(): void;
}

/** Makes the listener of a new channel. */
export type AcceptChannel = (channel: Channel) => ChannelListener;

/** The longest frame that is read: a pasted image in a message fits, a runaway client does not. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
