import { render as renderComponent } from 'svelte/server';
import { Tracks } from './recipe';

export const render = () => renderComponent(Tracks).body;
