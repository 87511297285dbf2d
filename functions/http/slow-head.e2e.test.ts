import { onTestFinished, test, vi } from "vitest";
import { openSocket, startServer } from "../testing/http.ts";

const { url } = startServer();

test("the runtime cuts off a sender whose head never ends, though it is never idle", async () => {
  const socket = await openSocket(url);
  onTestFinished(socket.close);
  socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  await vi.waitUntil(
    () => {
      socket.write("x");
      return socket.isClosed();
    },
    { interval: 500, timeout: 50_000 },
  );
});
