import { generateHydrationScript, renderToString } from 'solid-js/web';
import { Tracks } from './recipe';

export const head = () => generateHydrationScript();
export const render = () => renderToString(() => <Tracks />);
