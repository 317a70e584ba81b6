// The page of a node: asks, and hands what was answered to the panels.

import { get } from './api.js';
import { connection } from './connection.js';
import { eventsPanel } from './events.js';
import { headerPanel } from './header.js';
import { neighborsPanel } from './neighbors.js';
import { repeat, soon } from './poll.js';
import { routesPanel } from './routes.js';
import { slotsPanel } from './slots.js';
import { refreshMoments } from './time.js';
import { tryPanel } from './try.js';

const ROUTES_MS = 1000;
const STATE_MS = 4000;
const NEIGHBORS_MS = 10000;
const MOMENTS_MS = 1000;
const SETTLED_MS = 300;

const part = (name) => {
  const element = document.getElementById(name);
  element.querySelector('.loading')?.remove();
  return element;
};

const link = connection(part('connection'), () => askRoutes());
const header = headerPanel(part('node'));
const attempt = tryPanel(part('try'));
const routes = routesPanel(part('routes'));
const changed = soon(SETTLED_MS, () => {
  askState();
  askNeighbors();
});
const slots = slotsPanel(part('slots'), { changed, tryOut: attempt.open });
const neighbors = neighborsPanel(part('neighbors'));
const events = eventsPanel(part('events'), { happened: changed, isAway: link.isAway });

// The routes change all the time, so asking for them also tells whether the node is there; the rest waits meanwhile.
const askRoutes = repeat(ROUTES_MS, async () => {
  try {
    routes.update(await get('routes'));
    if (link.answered()) {
      changed();
      events.resume();
    }
    return ROUTES_MS;
  } catch (error) {
    return link.failed(error);
  }
});

const askState = repeat(STATE_MS, () =>
  unlessAway(async () => {
    const node = await get('node');
    header.update(node);
    attempt.node(node);
    const state = await get('slots');
    slots.update(state);
    attempt.slots(state);
  }),
);

const askNeighbors = repeat(NEIGHBORS_MS, () =>
  unlessAway(async () => {
    const state = await get('neighbors');
    neighbors.update(state);
    attempt.neighbors(state);
  }),
);

async function unlessAway(ask) {
  if (link.isAway()) return;
  try {
    await ask();
  } catch (error) {
    // The banner tells of it as soon as the routes fail as well.
    console.debug(error);
  }
}

setInterval(refreshMoments, MOMENTS_MS);

// A file that misses its place must not replace the page.
for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => event.preventDefault());
