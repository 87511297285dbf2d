import { answerOf, shop } from "../ui/shop.ts";
import { attempt } from "./attempt.ts";
import { moments } from "./stream.ts";

const MODES = [
  ["tiered", "Memory, then Redis"],
  ["redis", "Redis only"],
  ["off", "No cache"],
] as const;

export const CacheControl = () => {
  const mode = moments.value.at(-1)?.cacheMode;
  return (
    <fieldset class="choice">
      <legend>Product cache</legend>
      {MODES.map(([value, name]) => (
        <label key={value}>
          <input
            type="radio"
            name="cache"
            checked={mode === value}
            onChange={() => attempt(() => answerOf(shop.PUT("/cache", { body: { mode: value } })))}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
};
