export interface Grant {
  readonly actions: readonly string[];
  /**
   * ARNs. `REGION`, `ACCOUNT`, `ZONE` (the hosted zone of the domain) and `SHARED` (the stage whose Redis a preview uses)
   * are for a person to fill in; `NAME` stands for the names of the stages' resources.
   */
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const inRegion = (...actions: string[]): Grant => ({
  actions,
  resources: ["*"],
  condition: { StringEquals: { "aws:RequestedRegion": "REGION" } },
});
export const named = (actions: string[], ...resources: string[]): Grant => ({ actions, resources });
export const tagged = (key: string, ...actions: string[]): Grant => ({
  actions,
  resources: ["*"],
  condition: {
    StringEquals: { "aws:RequestedRegion": "REGION" },
    StringLike: { [`${key}/sst:stage`]: "STAGE" },
  },
});
