import { expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

const peer = () => "192.0.2.1";

test.each([
  ["no proxy is trusted", "203.0.113.9", 0, "192.0.2.1"],
  ["the last of the list is the load balancer's word", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"],
  ["with two proxies, the last but one", "6.6.6.6, 203.0.113.9, 10.0.0.5", 2, "203.0.113.9"],
  ["a list that is too short", "203.0.113.9", 2, "192.0.2.1"],
  ["a list that is missing", undefined, 1, "192.0.2.1"],
  ["anything but an address", "6.6.6.6, <script>", 1, "192.0.2.1"],
  ["IPv6 by its network", "2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2"],
  ["IPv6, shortened", "2001:db8::6", 1, "2001:db8:0:0"],
  ["IPv4 in IPv6", "::ffff:203.0.113.9", 1, "203.0.113.9"],
])("%s", (_, forwarded, hops, address) => {
  expect(clientAddress(forwarded, hops, peer)).toBe(address);
});
