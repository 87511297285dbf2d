interface Props {
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly label: string;
  readonly min: number;
  readonly isBusy?: boolean;
}

/** Of one product in a cart, by the shop's own rule. */
const MOST = 10_000;

/** Nothing in it is ever disabled while it is used: the browser would take the focus away from under a keyboard. */
export const Quantity = ({ value, onChange, label, min, isBusy = false }: Props) => {
  const set = (next: number): void => {
    const allowed = Math.min(MOST, Math.max(min, next));
    if (!isBusy && Number.isInteger(next) && allowed !== value) onChange(allowed);
  };
  return (
    <fieldset class="quantity" aria-busy={isBusy}>
      <legend class="visually-hidden">{label}</legend>
      <button
        type="button"
        aria-label="One fewer"
        onClick={() => set(value - 1)}
        aria-disabled={value <= min}
      >
        −
      </button>
      <input
        type="number"
        aria-label={label}
        inputMode="numeric"
        min={min}
        max={MOST}
        step={1}
        required
        value={value}
        readOnly={isBusy}
        onChange={(event) => {
          set(event.currentTarget.valueAsNumber);
          event.currentTarget.value = String(value);
        }}
      />
      <button type="button" aria-label="One more" onClick={() => set(value + 1)}>
        +
      </button>
    </fieldset>
  );
};
