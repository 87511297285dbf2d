import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { DocumentCommand, Inside, KeyNodes } from "../client.ts";

type Shape = Record<string, unknown>;

const toAttribute = (value: unknown): unknown =>
  marshall(value, { removeUndefinedValues: true, convertTopLevelContainer: true });

const toNative = (value: unknown): unknown =>
  unmarshall(value as Shape as never, { convertWithoutMapWrapper: true });

/** A command's input with its items in DynamoDB's notation, as `@aws-sdk/lib-dynamodb` would send it. */
export const marshallInput = (command: DocumentCommand): Shape => {
  const { input, inputKeyNodes } = command as DocumentCommand & Inside;
  return (inputKeyNodes ? translate(input, inputKeyNodes, toAttribute) : input) as Shape;
};

/** An answer with its items as plain values, as `@aws-sdk/lib-dynamodb` would return it. */
export const unmarshallOutput = (command: DocumentCommand, output: object): Shape => {
  const { outputKeyNodes } = command as Inside;
  return (outputKeyNodes ? translate(output, outputKeyNodes, toNative) : output) as Shape;
};

const translate = (value: unknown, nodes: KeyNodes, convert: (value: unknown) => unknown): unknown => {
  if (nodes === null) return convert(value);
  const names = Object.keys(nodes);
  if (names.length > 0 && names[0] !== "*") {
    const shape: Shape = { ...(value as Shape) };
    for (const name of names) {
      if (shape[name] !== undefined) shape[name] = translate(shape[name], nodes[name] ?? null, convert);
    }
    return shape;
  }
  const inner = nodes["*"] ?? null;
  const isMember = (member: unknown): boolean => member !== undefined && typeof member !== "function";
  if (Array.isArray(value)) {
    return value.filter(isMember).map((member) => translate(member, inner, convert));
  }
  const members: Shape = {};
  for (const [name, member] of Object.entries(value as Shape)) {
    if (isMember(member)) members[name] = translate(member, inner, convert);
  }
  return members;
};
