import './watch';
import { hydrate, mount, unmount } from 'svelte';
import { Tracks } from './recipe';

const target = document.querySelector('#app');
let app = hydrate(Tracks, { target });
window.unmount = () => unmount(app);
window.mount = () => {
  app = mount(Tracks, { target });
};
