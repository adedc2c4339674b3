// Which steps of the tests are run.

import { steps } from './steps.mjs';

const needsBrowser = ({ engine, browsers }) => Boolean(engine || browsers);
const isQuick = (step) => step.quick !== false && !needsBrowser(step);
const isUsual = ({ ci }) => !ci || Boolean(process.env.CI);
const isCalled =
  (only) =>
  ({ name }) =>
    name === only || name.startsWith(`${only}-`);

/**
 * The steps that `only` names, those that are `quick`, or those that run where nobody says which, with all
 * that they need; how many of them were `named`; and whether one runs `inBrowsers`.
 */
export function chosen({ only, quick = false } = {}) {
  const named = steps.filter(only === undefined ? (quick ? isQuick : isUsual) : isCalled(only));
  if (named.length === 0) throw new Error(`--only: one of ${steps.map(({ name }) => name).join(', ')}`);
  const names = new Set();
  const add = ({ name, needs = [] }) => {
    names.add(name);
    for (const need of needs) add(steps.find((step) => step.name === need));
  };
  named.forEach(add);
  const all = steps.filter(({ name }) => names.has(name));
  return { steps: all, named: named.length, inBrowsers: all.some(needsBrowser) };
}
