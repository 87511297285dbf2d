interface Writable {
  /** @returns how many bytes the socket had room for; below 0 when it is closed */
  write: (data: string | Uint8Array) => number;
  end: () => void;
}

/** Writes to a socket what it has room for, and the rest when it drains. */
export const openOutlet = (socket: Writable) => {
  let unsent: Buffer | undefined;
  let isLast = false;

  const write = (data: string | Buffer): void => {
    const written = Math.max(0, socket.write(data));
    const isAll = written >= Buffer.byteLength(data);
    unsent = isAll ? undefined : Buffer.from(data).subarray(written);
    if (isAll && isLast) socket.end();
  };

  return {
    /** @param last whether the connection ends after it */
    send(text: string, last = false): void {
      isLast = last;
      if (unsent) unsent = Buffer.concat([unsent, Buffer.from(text)]);
      else write(text);
    },
    drain(): void {
      if (unsent) write(unsent);
    },
  };
};

export type Outlet = ReturnType<typeof openOutlet>;
