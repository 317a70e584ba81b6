// Small charts of what passes through a route.

import { attribute, h, list, svg, text } from './dom.js';
import { clock, number } from './format.js';

const WIDTH = 300;
const HEIGHT = 48;
const MARGIN = 3;
const SERIES_MAX = 4;
/** Lines whose spans differ by more, and which do not meet, are drawn each to its own scale. */
const SPANS_APART = 20;

/** A chart with its legend. `what` says what it shows. */
export function chart(what) {
  const lines = svg('g');
  const cursor = svg('line', { class: 'cursor', y1: 0, y2: HEIGHT, visibility: 'hidden' });
  const picture = svg(
    'svg',
    { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    lines,
    cursor,
  );
  const legend = h('ul', { class: 'legend', role: 'list' });
  const reading = h('p', { class: 'reading' });
  const plain = h('pre', { class: 'plain' });
  const scaled = h('p', { class: 'reading', hidden: true }, 'each line to its own scale');
  const element = h('div', { class: 'charted' }, picture, h('div', { class: 'below' }, legend, plain, scaled, reading));

  let samples = [];
  let series = [];
  let pointed = null;
  const updateLines = list(lines, (it) => it.name, lineRow);
  const updateLegend = list(legend, (it) => it.name, legendRow);

  const read = () => {
    const last = samples.length - 1;
    const at = pointed === null ? last : Math.round(pointed * last);
    const sample = samples[at];
    attribute(cursor, 'visibility', pointed === null || last < 1 ? 'hidden' : 'visible');
    for (const end of ['x1', 'x2']) attribute(cursor, end, String(last < 1 ? 0 : (at / last) * WIDTH));
    text(reading, sample ? `${sample.origin} #${sample.sequence}, ${clock(sample.time)}` : '');
    updateLegend(series.map((it) => ({ ...it, shown: it.values[at] })));
  };
  picture.addEventListener('pointermove', (event) => {
    const box = picture.getBoundingClientRect();
    pointed = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    read();
  });
  picture.addEventListener('pointerleave', () => {
    pointed = null;
    read();
  });

  const update = (next) => {
    samples = next;
    series = seriesOf(samples);
    const scales = scalesOf(series);
    scaled.hidden = scales.every(([low]) => low === scales[0][0]);
    updateLines(series.map((it, position) => ({ ...it, scale: scales[position], count: samples.length })));
    const isDrawn = series.length > 0;
    picture.toggleAttribute('hidden', !isDrawn);
    legend.hidden = !isDrawn;
    const last = samples.at(-1);
    plain.hidden = isDrawn || !last;
    text(plain, isDrawn || !last ? '' : shortened(last.value));
    attribute(picture, 'aria-label', `${what}, the last ${samples.length}: ${series.map(spoken).join('; ')}`);
    read();
  };
  return { element, update };
}

/** The numbers in the samples: one line for bare numbers, one for each numeric field of objects. */
function seriesOf(samples) {
  const last = samples.at(-1)?.value;
  const lineOf = (name, read) => line(name, samples.map(read));
  if (typeof last === 'number') return [lineOf('', ({ value }) => value)];
  if (last === null || typeof last !== 'object' || Array.isArray(last)) return [];
  const fields = Object.keys(last).filter((field) => typeof last[field] === 'number');
  return fields.slice(0, SERIES_MAX).map((field) => lineOf(field, ({ value }) => value?.[field]));
}

function line(name, values) {
  const numbers = values.map((value) => (Number.isFinite(value) ? value : null));
  const known = numbers.filter((value) => value !== null);
  return { name, values: numbers, low: Math.min(...known), high: Math.max(...known) };
}

/** Lowest and highest value of each line's scale: shared where the lines can be compared. */
function scalesOf(series) {
  const low = Math.min(...series.map((it) => it.low));
  const high = Math.max(...series.map((it) => it.high));
  const spans = series.map((it) => it.high - it.low);
  const meet = series.every((it) => it.low <= Math.min(...series.map(({ high }) => high)));
  const apart = series.length > 1 && !meet && high - low > SPANS_APART * Math.max(...spans);
  return series.map((it) => (apart ? [it.low, it.high] : [low, high]));
}

function spoken({ name, low, high, values }) {
  const now = values.at(-1);
  return `${name || 'values'} from ${number(low)} to ${number(high)}, now ${now === null ? 'none' : number(now)}`;
}

function lineRow() {
  const element = svg('path', { 'vector-effect': 'non-scaling-stroke' });
  const update = ({ values, scale, count }, position) => {
    attribute(element, 'class', `series series-${position}`);
    attribute(element, 'd', pathOf(values, scale, count));
  };
  return { element, update };
}

function pathOf(values, [low, high], count) {
  const across = (at) => (count < 2 ? WIDTH : (at / (count - 1)) * WIDTH);
  const down = (value) =>
    high > low ? HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN) : HEIGHT / 2;
  let path = '';
  let isOpen = false;
  values.forEach((value, at) => {
    if (value !== null) path += `${isOpen ? 'L' : 'M'}${across(at).toFixed(1)} ${down(value).toFixed(1)}`;
    isOpen = value !== null;
  });
  // A single value is a short dash at the end.
  return count < 2 ? `M${WIDTH - 12} ${HEIGHT / 2}H${WIDTH}` : path;
}

function legendRow() {
  const key = svg('svg', { class: 'key', viewBox: '0 0 20 8', 'aria-hidden': 'true' });
  const stroke = svg('path', { d: 'M0 4H20' });
  key.append(stroke);
  const name = h('span', { class: 'name' });
  const value = h('span', { class: 'number' });
  const range = h('span', { class: 'range' });
  const element = h('li', {}, key, name, value, range);
  const update = (it, position) => {
    attribute(stroke, 'class', `series series-${position}`);
    text(name, it.name);
    name.hidden = !it.name;
    key.toggleAttribute('hidden', !it.name);
    text(value, it.shown === null || it.shown === undefined ? '–' : number(it.shown));
    text(range, it.low === it.high ? '' : `from ${number(it.low)} to ${number(it.high)}`);
  };
  return { element, update };
}

/** A value that is no number, on a few lines at most. */
function shortened(value) {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  return written.length > 240 ? `${written.slice(0, 240)} …` : written;
}
