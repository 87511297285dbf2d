const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });

export const money = (amount: number): string => MONEY.format(amount);

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const time = (iso: string): string => TIME.format(new Date(iso));
