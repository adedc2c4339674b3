import './watch';
import { createApp, createSSRApp } from 'vue';
import { Tracks } from './recipe';

let app = createSSRApp(Tracks);
app.mount('#app');
window.unmount = () => app.unmount();
window.mount = () => {
  app = createApp(Tracks);
  app.mount('#app');
};
