import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { Tracks } from './recipe';

export const render = () =>
  renderToString(
    <StrictMode>
      <Tracks />
    </StrictMode>,
  );
