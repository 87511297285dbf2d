import {
  ASSUMED,
  assumedCpu,
  breakEven,
  containerCost,
  functionsCost,
  latencies,
  processorCost,
} from "./compare-lambda.ts";
import { PRICES } from "./prices.ts";

const LOADS = [0.1, 1, 10, 100, 1_000, 10_000];

const dollars = (amount: number): string => (amount >= 10 ? amount.toFixed(0) : amount.toFixed(2));

const costRow = (load: number): string =>
  `| ${load.toLocaleString("en")} | ${dollars(containerCost(load))} | ${dollars(functionsCost())} |`;

/** The page that compares the two ways to deploy the API. */
export const lambdaPage = (): string => {
  const { container, functions } = latencies();
  const a = ASSUMED;
  return `# The API as functions

Made by \`npm run docs:generate\` from \`stacks/synth/lambda-page.ts\`; a test holds it to the assumptions it computes from.

\`STAMPEDE_API=functions npx sst deploy --stage alice\` deploys the same handler files as functions of Lambda, one each, behind
an HTTP API, in place of the container and its load balancer. Both read the same route table, \`functions/routes.ts\`.
Tables, Redis, fulfilment, dashboards and alarms are the same.

## Differences

| | Container | Functions |
| --- | --- | --- |
| Cache | process memory over Redis (\`CACHE_MODE=tiered\`) | Redis (\`redis\`): a frozen copy receives no invalidations, and doesn't live long |
| Redis is trusted | all the time | while a copy's heartbeat through it is fresh: a new copy, and one that was idle for a second, reads DynamoDB for its first second |
| A write is answered | when Redis has its tombstone, or at once where Redis is away | when Redis has it, or after a second: nothing runs once the answer is given. A copy that is thrown away before Redis is back leaves the older version there for its lifetime |
| Circuits, retry budgets, statistics | of a process that has seen many requests | of each copy, on its own |
| Overload | refused by the process (503), searches first | the account's limits (429, 503), whichever request comes |
| Most requests a second | grows with tasks | 10,000 in an account and Region: API Gateway's throttle (2,500 in newer Regions), and Lambda's 10 for each of 1,000 copies; [more on request](deploy.md#quotas) |
| Search | indexed at start, updated with every write | indexed by each copy on its first search, which waits for it and gets 503 at its deadline; updated only while the copy runs. Good for some thousand products that seldom change |
| 404 and 405 of unknown routes | the shop's own error format | the HTTP API's: \`{"message":"Not Found"}\` |
| Bodies above 64 KiB | 413 before they are read | read by the HTTP API up to 10 MB |
| Grants on tables | one role, with what the API needs | a role each, and each with what the whole API needs (below) |
| Redis password | a secret that ECS hands to the process | an environment variable, encrypted at rest, visible to anyone who may read the function's configuration |
| \`/memory\`, \`/stats\`, \`/resilience/…\` | of a process | of whichever copy answers |
| \`STAMPEDE_ALLOW_FROM\` | yes | no: an HTTP API has no security group |
| \`STAMPEDE_WAF\`, \`STAMPEDE_ACCESS_LOGS\` | yes | no: they are the load balancer's. An HTTP API logs to CloudWatch anyway |

Each function has the permissions of the whole API. Which tables a route uses is decided in \`core/\`, several calls below its
handler, and depends on the data: tests record it for the API (\`stacks/permissions.test.ts\`). With a list for each route, one that lacks
a permission which only a rare case needs would fail in production. Little would be gained: the functions are built from the same code.

## Cost of a million requests

US dollars, at an even load, without what both pay alike (DynamoDB, Redis, dashboards):

| Requests a second | Container | Functions |
| --- | --- | --- |
${LOADS.map(costRow).join("\n")}

Equal at ${breakEven()} requests a second on average; below it functions are cheaper, above it the container is. A load that comes
in bursts moves that upwards, for tasks stay on between them.

## Latency

Milliseconds to read a product:

| | Typical | Mean | Cold |
| --- | --- | --- | --- |
| Container | ${container.typical} | ${container.mean} | - |
| Functions | ${functions.typical} | ${functions.mean} | ${functions.cold} |

Of functions ${a.coldShare * 100} % are assumed to start cold: the 99.5th percentile is the cold one. A rush brings more of them, just
when many customers wait. So this shop, which is made for rushes, is a container by default.

## Assumptions

Not measured on AWS, but assumed, from the figures measured on one machine where there are any:

- A task (${a.vcpus} vCPU, ${a.memoryGb} GB, arm64) takes ${a.requestsPerTaskSecond.toLocaleString("en")} requests/s, and ${a.tasksAtLeast} run at least; an answer has ${a.answerBytes.toLocaleString("en")} bytes.
  Its processor is then ${100 * a.utilisation} % in use, by requests of ${assumedCpu()} µs of CPU on average; vCPU and memory cost ${processorCost(assumedCpu()).toFixed(3)} dollars
  a million, and most of the container's price under load is logs. \`npm run bench -- growth --only cost\` prices each kind of
  request by its measured CPU, at the same prices, memory and use ([Performance](performance.md#under-load-and-with-growth)).
- A function has ${a.functionGb} GB and takes ${a.functionMs} ms warm, ${a.coldMs} ms more cold.
- On the way: load balancer ${a.loadBalancerMs} ms, HTTP API ${a.httpApiMs} ms; a container's own time ${a.containerMs} ms.
- Logs: ${a.containerLogBytes} bytes a request of the container (above 100/s a route they are sampled, which costs less), ${a.functionLogBytes.toLocaleString("en")} of a function, which publishes its metrics at the end of every
  call; ${a.logGb} dollars a GB.
- Prices: ${PRICES.region}, list prices of ${PRICES.noted}: HTTP API ${PRICES.httpApi.million.toFixed(2)} and Lambda ${PRICES.lambda.million.toFixed(2)} a million, ${PRICES.lambda.gbSecond} a GB-second, Fargate
  ${PRICES.fargate.vcpuHour} a vCPU-hour and ${PRICES.fargate.gbHour} a GB-hour, load balancer ${PRICES.loadBalancer.hour} an hour and ${PRICES.loadBalancer.capacityUnitHour} a unit-hour, public address
  ${PRICES.publicAddressHour} an hour. Free tiers are left out.
`;
};
