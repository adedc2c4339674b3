// The balance, and what was taken from it.

import { objectOf } from './exchange.mjs';
import { costOf, creditsOf, dollars } from './options.mjs';
import { columnsOf, refusalOf } from './format.mjs';

export function openBalance({ read }) {
  const balances = {};
  let columns = 'no answer';
  const note = async (when) => {
    try {
      const reply = await read('/v2/billing');
      const body = objectOf(reply);
      columns = reply.status === 200 ? columnsOf(body) : refusalOf(reply);
      const balance = body.current_balance ?? body.balance;
      if (typeof balance === 'number') balances[when] = balance;
    } catch (error) {
      columns = error.message;
    }
  };
  const taken = (when) => {
    const { before } = balances;
    const after = balances[when];
    if (before === undefined || after === undefined) throw new Error(`no balance: ${columns}`);
    return `${creditsOf(before - after)} credits (from ${dollars(before)} to ${dollars(after)})`;
  };
  return {
    /** Keeps the balance of this moment, if it can be had. */
    note,

    async answer(rows, generations) {
      await note('end');
      await rows.answer('billing-columns', () => columns);
      await rows.answer(
        'billing-hold',
        () => `after the submit ${taken('submitted')}; after the end ${taken('ended')}`,
      );
      await rows.answer('billing-charge', () => {
        const accepted = generations.filter(({ id }) => id).length;
        return `${taken('end')} for ${accepted}, expected: ${costOf(accepted).credits}`;
      });
    },
  };
}
