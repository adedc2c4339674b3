import './watch';
import { hydrate, render } from 'solid-js/web';
import { Tracks } from './recipe';

const place = document.querySelector('#app');
window.unmount = hydrate(() => <Tracks />, place);
window.mount = () => {
  window.unmount = render(() => <Tracks />, place);
};
