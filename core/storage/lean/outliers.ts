/** Failures in a row by which a connection stands out … */
const RUN = 3;
/** … once others have been answered well so often meanwhile. */
const OTHERS = 8;

/**
 * Tells connections that fail while the others are well: each leads to one host behind DynamoDB's address, and a new one
 * may lead to another. Where all of them fail, none stands out, and none is opened anew for nothing. (One that does not
 * answer at all is closed by the timeout of its call.)
 */
export const openOutliers = () => {
  let well = 0;
  const runs = new WeakMap<object, { length: number; readonly since: number }>();
  return {
    /** Notes how a connection answered. @returns whether it stands out, and is to be closed */
    note(connection: object, isWell: boolean): boolean {
      if (isWell) {
        well += 1;
        runs.delete(connection);
        return false;
      }
      const run = runs.get(connection) ?? { length: 0, since: well };
      run.length += 1;
      runs.set(connection, run);
      return run.length >= RUN && well - run.since >= OTHERS;
    },
  };
};
