// Calling a function, here or on a neighbor, and the same call as a command.

import { Refused, address, path, post } from './api.js';
import { commandLines } from './commands.js';
import { h, list, text } from './dom.js';
import { inputFor } from './inputs.js';
import { isDrawn } from './picture.js';
import { resultView } from './result.js';

const HERE = '';
/** What is easiest to try comes first. */
const EASE = ['drawing', 'json', 'scalars', 'picture', 'tensors', 'nothing'];
/** No name holds a space. */
const EVERYWHERE = ' ';

/** The panel. */
export function tryPanel(root) {
  const empty = h('p', { class: 'empty', hidden: true }, 'There is nothing to call: no slot has a live version.');
  const functions = h('select', { id: 'try-function' });
  const places = h('div', { class: 'choices' });
  const placesRow = h('fieldset', { class: 'field' }, h('legend', {}, 'Runs on'), places);
  const input = h('div', { class: 'input' });
  const run = h('button', { type: 'submit', class: 'primary' }, 'Call');
  const stop = h('button', { type: 'button', hidden: true }, 'Give up');
  const hint = h('span', { class: 'fine' }, 'Ctrl + Enter');
  const form = h(
    'form',
    { class: 'try' },
    h('div', { class: 'field' }, h('label', { for: 'try-function' }, 'Function'), functions),
    placesRow,
    input,
    h('div', { class: 'run' }, run, stop, hint),
  );
  const result = resultView();
  const commands = commandLines();
  root.append(empty, form, result.element, commands.element);

  let callables = [];
  let neighbors = [];
  let node = null;
  let chosen = null;
  let place = HERE;
  let running = null;
  /** What was typed, drawn or chosen, by function and kind. */
  const inputs = new Map();
  let current = null;

  const updatePlaces = list(
    places,
    (it) => it.name,
    (it) =>
      placeRow(it, () => {
        place = it.name;
        show();
      }),
  );

  const called = (on) => {
    const parts = ['slots', chosen.slot, 'functions', chosen.name];
    return on === HERE ? path(...parts) : path('neighbors', on, ...parts);
  };
  const callOn = async (on, { body, type }, signal) => {
    const begun = performance.now();
    const answer = await post(called(on), body, type, signal);
    return { answer, roundTripMs: performance.now() - begun };
  };

  function showCommands() {
    if (!chosen || !current) return;
    const other = neighbors.find(({ name }) => name === place);
    commands.show({
      url: address(called(other?.name ?? HERE)),
      node: other?.url ?? address(''),
      slot: chosen.slot,
      function: chosen.name,
      input: current.described(),
    });
  }

  function show() {
    empty.hidden = chosen !== null;
    form.hidden = commands.element.hidden = chosen === null;
    if (!chosen) return result.clear();
    const offered = placesFor(chosen, neighbors, node);
    if (!offered.some(({ name, problem }) => name === place && !problem)) place = HERE;
    placesRow.hidden = offered.length < 2;
    updatePlaces(offered.map((it) => ({ ...it, isChosen: it.name === place })));
    const key = JSON.stringify([chosen.slot, chosen.name, chosen.takes, chosen.parameters, chosen.picture]);
    if (!inputs.has(key)) inputs.set(key, inputFor(chosen, showCommands));
    if (current !== inputs.get(key)) {
      current = inputs.get(key);
      input.replaceChildren(current.element);
      result.clear();
    }
    showCommands();
  }

  function fillFunctions() {
    const wanted = callables.map(({ slot, name }) => `${slot}.${name}`);
    const present = [...functions.options].map(({ value }) => value);
    if (wanted.join('\n') !== present.join('\n')) {
      const slots = [...new Set(callables.map(({ slot }) => slot))];
      functions.replaceChildren(
        ...slots.map((slot) =>
          h(
            'optgroup',
            { label: slot },
            ...callables
              .filter((it) => it.slot === slot)
              .map((it) => h('option', { value: `${slot}.${it.name}` }, `${slot}.${it.name}`)),
          ),
        ),
      );
    }
    if (chosen) functions.value = `${chosen.slot}.${chosen.name}`;
  }

  function choose(slot, name) {
    chosen = callables.find((it) => it.slot === slot && it.name === name) ?? easiest(callables);
    fillFunctions();
    show();
  }

  functions.addEventListener('change', () => {
    const it = callables[functions.selectedIndex];
    choose(it.slot, it.name);
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  stop.addEventListener('click', () => running?.abort());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running) return;
    running = new AbortController();
    try {
      const content = await current.content();
      if (content === null) return;
      run.disabled = true;
      stop.hidden = false;
      result.wait();
      if (place === EVERYWHERE) {
        const places = placesFor(chosen, neighbors, node).filter((it) => it.name !== EVERYWHERE && !it.problem);
        const calls = await Promise.allSettled(places.map(({ name }) => callOn(name, content, running.signal)));
        result.compare(
          places.map((it, position) => ({ ...it, ...calls[position] })),
          localDigest(),
        );
      } else {
        const { answer, roundTripMs } = await callOn(place, content, running.signal);
        result.show(answer, roundTripMs, localDigest());
      }
    } catch (error) {
      result.fail(error.message, error instanceof Refused ? error.code : null);
    } finally {
      running = null;
      run.disabled = false;
      stop.hidden = true;
    }
  });

  const localDigest = () => callables.find((it) => it.slot === chosen.slot)?.digest;

  return {
    slots(slots) {
      callables = slots.flatMap(({ name: slot, live }) =>
        (live?.functions ?? []).map((it) => ({ ...it, slot, digest: live.digest })),
      );
      choose(chosen?.slot, chosen?.name);
    },
    neighbors(of) {
      neighbors = of;
      show();
    },
    node(of) {
      node = of;
      show();
    },
    /** Chooses a function and moves there. */
    open(slot, name) {
      choose(slot, name);
      root.scrollIntoView({ block: 'nearest' });
      functions.focus();
    },
  };
}

function easiest(callables) {
  const kind = ({ takes, picture }) => (takes === 'picture' && isDrawn(picture) ? 'drawing' : takes);
  const ranked = callables.map((it) => [EASE.indexOf(kind(it)), it]).filter(([rank]) => rank >= 0);
  return ranked.sort(([a], [b]) => a - b)[0]?.[1] ?? callables[0] ?? null;
}

/** This node, each neighbor that has the slot or cannot be asked, and all of them. */
function placesFor({ slot, name }, neighbors, node) {
  const here = { name: HERE, words: node ? `${node.name} (here)` : 'here', layer: node?.layer ?? '' };
  const others = neighbors.flatMap((neighbor) => {
    const there = neighbor.slots.find((it) => it.name === slot);
    if (neighbor.node && !there?.functions.some((it) => it.name === name)) return [];
    const problem = neighbor.node ? null : 'cannot be reached';
    return [
      { name: neighbor.name, words: neighbor.node?.name ?? neighbor.name, layer: neighbor.node?.layer ?? '', problem },
    ];
  });
  const reachable = others.filter(({ problem }) => !problem).length;
  const all = reachable > 0 ? [{ name: EVERYWHERE, words: `all ${reachable + 1}` }] : [];
  return [here, ...others, ...all];
}

function placeRow({ name }, choose) {
  const radio = h('input', { type: 'radio', name: 'try-place', value: name, onchange: choose });
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const words = h('span', { class: 'words' });
  const problem = h('span', { class: 'fine' });
  const element = h('label', { class: 'choice' }, radio, dot, words, problem);
  const update = (it) => {
    radio.checked = it.isChosen;
    radio.disabled = Boolean(it.problem);
    element.classList.toggle('disabled', radio.disabled);
    dot.hidden = it.layer === undefined;
    dot.dataset.layer = it.layer ?? '';
    text(words, it.words);
    text(problem, it.problem ?? '');
    problem.hidden = !it.problem;
  };
  return { element, update };
}
