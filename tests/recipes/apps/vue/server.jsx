import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { Tracks } from './recipe';

export const render = () => renderToString(createSSRApp(Tracks));
