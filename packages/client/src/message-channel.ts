/** What carries frames between client and server: a child's streams, a WebSocket, or two objects in one process. */
export interface MessageChannel {
  /** Hands one frame over. */
  send(frame: string): void;
  /**
   * In place of `send` where both ends are in one process and of one version: frames go as they are, and what comes from the
   * server is not checked again. Neither side may change what it got.
   */
  sendValue?(frame: object): void;
  /** Called once, before anything is sent. */
  listen(listener: MessageListener): void;
  /** Ends the connection. May be called twice. */
  close(): void;
}

export interface MessageListener {
  frame(text: string): void;
  /** A frame that was never text. */
  value(frame: unknown): void;
  /** Nothing comes any more; `reason` says why, where somebody knows. */
  closed(reason: string | null): void;
}
