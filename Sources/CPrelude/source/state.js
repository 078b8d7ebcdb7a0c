// What the prelude knows of the run under way. One run at a time: `active` is its number, 0 between runs.
export const state = {
  handler: undefined,
  environment: Object.freeze({}),
  connections: {},
  // `style:` of the manifest.
  style: undefined,
  runs: 0,
  active: 0,
  nextOperation: 1,
  // Operation number → { resolve, reject, kind } of what is awaited.
  pending: new Map(),
}
