const GET_RECORDS = /x-amz-target: *DynamoDBStreams_\d+\.GetRecords/i;
const HEAD_END = "\r\n\r\n";

/** Whether a request asks for the records of a stream. */
export const asksForRecords = (request: string): boolean => GET_RECORDS.test(request);

/**
 * Takes records out of an answer to GetRecords, as if the stream had never had them.
 *
 * @param answer what has arrived of it
 * @param isDropped asked for each record
 * @returns the whole answer without those, or undefined while it is incomplete
 */
export const withoutRecords = (answer: Buffer, isDropped: () => boolean): Buffer | undefined => {
  const headEnd = answer.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = answer.subarray(0, headEnd).toString("latin1");
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error("The engine's answers are expected to have a Content-Length");
  const body = answer.subarray(headEnd + HEAD_END.length);
  if (body.length < length) return undefined;
  const parsed = JSON.parse(body.toString()) as { Records?: unknown[] };
  if (!parsed.Records) return answer;
  const rest = Buffer.from(JSON.stringify({ ...parsed, Records: parsed.Records.filter(() => !isDropped()) }));
  const headers = head
    .split("\r\n")
    // The checksum is of the records that were there.
    .filter((line) => !/^x-amz-crc32:/i.test(line))
    .map((line) => (/^content-length:/i.test(line) ? `content-length: ${rest.length}` : line));
  return Buffer.concat([Buffer.from(headers.join("\r\n") + HEAD_END, "latin1"), rest]);
};
