export interface Rule {
  readonly pattern: RegExp;
  /** What the writer should do instead. */
  readonly instead: string;
}

/** The constructions that a machine can find of those that make English read as if it were translated. */
const RULES: readonly Rule[] = [
  {
    pattern: /^(?:who(?:ever|se)?|what(?:ever)?)\b(?= \S+ \S)(?!.*\?)/i,
    instead: "name the subject: a noun, not a clause",
  },
  { pattern: /[.;:,] who(?:ever)? (?!else\b)\w+(?!.*\?)/, instead: "name the actor: the client, the reader" },
  { pattern: /\bwhoever\b/i, instead: "name the actor: the client, the reader" },
  { pattern: /\bin vain\b/i, instead: "say failed, or wasted" },
  { pattern: /\bfor want of\b/i, instead: "say without, or because there is no" },
  { pattern: /\b(?:of chance|by lot)\b/i, instead: "say random, or at random" },
  {
    pattern: /\b(?:is|are|was|were|be|been|being) told\b(?! apart)/i,
    instead: "say who tells: returns, reports",
  },
  { pattern: /\bso many\b(?!.*\bthat\b)/i, instead: "name the number" },
  { pattern: /\bheard of\b/i, instead: "say received, or known" },
  { pattern: /\bgets? to know\b/i, instead: "say learns, or is notified" },
];

/** The rules that a sentence breaks, wherever its lines are broken. */
export const brokenRules = (sentence: string): readonly { match: string; instead: string }[] => {
  const line = sentence.replace(/\s+/g, " ").trim();
  return RULES.flatMap(({ pattern, instead }) => {
    const [match] = pattern.exec(line) ?? [];
    return match === undefined ? [] : [{ match: match.trim(), instead }];
  });
};
