import { isIP } from "node:net";

/**
 * The address that a client is limited by: as the last trusted proxy saw it, for all that comes before in
 * `X-Forwarded-For` is the client's own to write. IPv6 by its network of 64 bits, for a client has all of one.
 *
 * @param hops trusted proxies in front
 * @param peer the connection's other end
 */
export const clientAddress = (forwarded: string | undefined, hops: number, peer: () => string): string => {
  const named = hops > 0 ? forwarded?.split(",").at(-hops)?.trim() : undefined;
  const address = named && isIP(named) ? named : peer();
  return isIP(address) === 6 ? networkOf(address) : address;
};

const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const rest = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? [] : Array(8 - groups.length - rest.length).fill("0");
  return [...groups, ...zeros, ...rest].slice(0, 4).join(":");
};
