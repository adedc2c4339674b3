import './watch';
import { StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { Tracks } from './recipe';

const place = document.querySelector('#app');
const app = (
  <StrictMode>
    <Tracks />
  </StrictMode>
);
let root = hydrateRoot(place, app);
window.unmount = () => root.unmount();
window.mount = () => {
  root = createRoot(place);
  root.render(app);
};
