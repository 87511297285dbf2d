import { ASSUMED, assumedCpu, processorCost } from "../../../stacks/synth/compare-lambda.ts";
import { PRICES } from "../../../stacks/synth/prices.ts";
import { figure, measure } from "../../experiments/lab-figures.ts";
import { barChart, pointOf } from "../../experiments/plots.ts";
import { median } from "../../report/statistics.ts";
import { shopContestant } from "../speed/rounds.ts";
import { startDefaultShop, untilOk } from "../speed/speed-programs.ts";
import { SUBJECTS } from "../speed/subjects.ts";
import type { Part } from "./growth-part.ts";

const PRICED = ["hot", "redis", "cold", "search", "cart-read", "cart-add", "checkout", "order"];
const SECONDS = 2;

/** Cost of a million requests on Fargate: the processor time measured here, at what docs/lambda.md assumes of a task. */
export const priceRequests: Part = async ({ dir, rounds, faults }) => {
  const shop = await startDefaultShop(dir);
  try {
    await untilOk(shop.url, "/products/search?q=lamp");
    const contestants = SUBJECTS.filter(({ name }) => PRICED.includes(name)).map((subject) =>
      shopContestant(subject, shop, dir),
    );
    const cpu = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const contestant of contestants) {
        const sample = faults.note(`cost: ${contestant.name}`, await contestant.measure(SECONDS));
        if (round > 0) cpu.get(contestant.name)?.push(sample.cpu);
      }
    }
    const dollars = (name: string) => (cpu.get(name) ?? []).map(processorCost);
    return {
      tables: [
        {
          title: "A million requests on Fargate",
          columns: ["request", "CPU (µs)", "US$ a million"],
          rows: [
            ...contestants.map(({ name, title }) => [
              title,
              Number(median(cpu.get(name) ?? []).toPrecision(3)),
              median(dollars(name)).toFixed(4),
            ]),
            [
              `as scaling plans: ${figure(ASSUMED.requestsPerTaskSecond)} requests/s a task`,
              assumedCpu(),
              processorCost(assumedCpu()).toFixed(4),
            ],
          ],
        },
      ],
      summary: [
        {
          question: "A million requests on Fargate?",
          figure: `US$ ${median(dollars("checkout")).toFixed(3)}`,
          answer: `of checkouts, ${median(dollars("hot")).toFixed(4)} of reads of a hot product; vCPU and memory only.`,
          chart: "growth.cost",
        },
      ],
      charts: [
        barChart({
          id: "growth.cost",
          title: "A million requests on Fargate",
          caption: "vCPU and memory of the server only.",
          x: { label: "Request" },
          y: { label: "US$", scale: "log" },
          series: { cost: contestants.map(({ name }) => pointOf(name, dollars(name))) },
        }),
      ],
      measures: contestants.flatMap(({ name, title }) =>
        measure(`cost.${name}`, `a million: ${title}`, "US$", "lower", dollars(name)),
      ),
      notes: [
        `Prices of ${PRICES.region}, noted ${PRICES.noted}: US$ ${PRICES.fargate.vcpuHour} a vCPU hour, ${PRICES.fargate.gbHour} a GB hour, ${ASSUMED.memoryGb / ASSUMED.vcpus} GB to a vCPU, ${100 * ASSUMED.utilisation} % used, as docs/lambda.md assumes. One core here counts as one vCPU. DynamoDB, Redis, the load balancer and traffic are not in it.`,
      ],
    };
  } finally {
    await shop.stop();
  }
};
