/** What carries frames between client and server: a child's streams, a WebSocket, or two objects in one process. */
export interface MessageChannel {
  /** Hands one frame over. */
  send(frame: string): void;
  /** Called once, before anything is sent. */
  listen(listener: MessageListener): void;
  /** Ends the connection. May be called twice. */
  close(): void;
}

export interface MessageListener {
  frame(text: string): void;
  /** Nothing comes any more; `reason` says why, where somebody knows. */
  closed(reason: string | null): void;
}
