// `npm run lint:extension`: what Mozilla's linter says of the Firefox build. It brings some three
// hundred packages, so npm fetches it for this command alone.

import { main } from './main.mjs';
import { buildExtension, extension } from './build-extension.mjs';
import { root } from './paths.mjs';
import { npm } from './run.mjs';

await main(import.meta.url, async () => {
  await buildExtension();
  const flags = ['--source-dir', extension('firefox'), '--no-config-discovery', '--warnings-as-errors'];
  await npm(['exec', '--yes', '--package=web-ext@10', '--', 'web-ext', 'lint', ...flags], { cwd: root });
});
