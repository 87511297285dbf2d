import { readConfig } from "../../core/config/config.ts";

/** Every variable that the code asks for. */
export const variablesRead = (): string[] => {
  const names = new Set<string>();
  const spy = new Proxy({}, { get: (_, name) => void names.add(String(name)) });
  readConfig(spy);
  return [...names];
};
