export const number = (value: number): string =>
  value >= 10_000
    ? `${(value / 1_000).toFixed(1)} k`
    : value >= 100
      ? Math.round(value).toLocaleString("en")
      : value >= 10
        ? value.toFixed(0)
        : value > 0 && value < 1
          ? value.toFixed(2)
          : value.toFixed(value % 1 === 0 ? 0 : 1);

export const milliseconds = (value: number): string =>
  value >= 1_000
    ? `${(value / 1_000).toFixed(1)} s`
    : `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export const percent = (share: number): string =>
  `${(share * 100).toFixed(share > 0.995 || share < 0.1 ? 1 : 0)} %`;

export const dollars = (value: number): string => `$${number(value)}`;

export const megabytes = (value: number): string => `${number(value)} MB`;

export const shown = (value: number | null | undefined, unit: (value: number) => string): string =>
  value === null || value === undefined ? "–" : unit(value);

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const clock = (at: number): string => CLOCK.format(at);
