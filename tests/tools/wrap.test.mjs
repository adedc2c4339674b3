import assert from 'node:assert/strict';
import { test } from 'node:test';

import { wrap } from '../../tools/build/wrap.mjs';

const limit = 24;
const programs = {
  'statements and calls': `let sum=0;${'sum+=Math.max(1,2,3);'.repeat(20)}export const value=sum;`,
  'a long string': `export const value="${'word '.repeat(30)}";`,
  'a long string of escapes': `export const value="${'\\u0041\\n\\\\'.repeat(12)}";`,
  'a template of many lines': `export const value=\`${'many words\n'.repeat(30)}\`;`,
  'a long template with values in it': `let a=1;export const value=\`${'words ${a} and '.repeat(20)}\`;`,
  'a regular expression that looks like a string': `export const value=[${"/['{(;,]/.source,".repeat(9)}1].join();`,
  'what a line end would change': `function f(a,b){return a+b}export const value=[1,2,3].map(async(x)=>x).length+f(1,2);`,
};

for (const [name, code] of Object.entries(programs)) {
  test(`keeps what a program does: ${name}`, async () => {
    const wrapped = wrap(code, limit);
    assert.notEqual(wrapped, code);
    assert.equal(await evaluated(wrapped), await evaluated(code));
  });
}

test('keeps lines short', () => {
  const code = programs['statements and calls'] + programs['a long string'].replace('export const value', 'sum');
  const long = wrap(code, limit)
    .split('\n')
    .filter((line) => line.length > limit);
  assert.deepEqual(long, []);
});

test('leaves short lines as they are', () => {
  const code = '// a comment\nlet a=1;\nlet b=2;\n';
  assert.equal(wrap(code, limit), code);
});

async function evaluated(code) {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).value;
}
