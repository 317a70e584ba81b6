// A place to draw a digit on, and the few pixels that a model sees of it.
//
// What is drawn is bright ink on black. It is cut out, scaled to the full height and put in the middle, as the digits
// that such models learn from were, then averaged down to the size of the model.

import { h, text } from './dom.js';
import { plural } from './format.js';

const SIDE = 240;
/** Width of the pen, as a share of the side. */
const PEN = 0.1;
/** After this time a browser has taken what is saved. */
const SAVED_MS = 60000;
/** Largest enlargement of what is drawn, so that a dot stays a dot. */
const ENLARGED_MAX = 4;

/** A drawing for a model of `side` x `side` pixels. */
export function drawing(side, changed) {
  const strokes = [];
  let open = null;
  const canvas = h('canvas', {
    class: 'drawing',
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: 'application',
    'aria-label': 'Drawing: use a pointer, or the arrow keys, with Shift to draw',
  });
  const seen = h('canvas', {
    class: 'seen',
    width: side,
    height: side,
    role: 'img',
    'aria-label': `What the model sees, ${side} by ${side} pixels`,
  });
  const clear = h('button', { type: 'button', class: 'small' }, 'Clear');
  const undo = h('button', { type: 'button', class: 'small' }, 'Undo');
  const save = h('button', { type: 'button', class: 'small' }, 'Save as PNG');
  const about = h('p', { class: 'fine', 'aria-live': 'polite' });
  const pen = { x: SIDE / 2, y: SIDE / 4, isShown: false };

  const show = () => {
    paint(canvas.getContext('2d'), strokes, SIDE, (point) => point);
    if (pen.isShown) mark(canvas.getContext('2d'), pen);
    paintSeen(seen, strokes, side);
    clear.disabled = undo.disabled = save.disabled = strokes.length === 0;
    text(
      about,
      strokes.length === 0
        ? 'Draw here, large.'
        : `${plural(strokes.length, 'stroke')}. The model sees ${side} × ${side} pixels.`,
    );
  };
  const change = () => {
    show();
    changed();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pen.isShown = false;
    open = [at(event)];
    strokes.push(open);
    change();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!open) return;
    open.push(...(event.getCoalescedEvents?.() ?? [event]).map(at));
    show();
  });
  const lift = () => {
    if (open) change();
    open = null;
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);

  let pressed = null;
  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    pen.isShown = true;
    const from = { x: pen.x, y: pen.y };
    const move = (value, by) => Math.min(SIDE, Math.max(0, value + by * (SIDE / 20)));
    [pen.x, pen.y] = [move(pen.x, step[0]), move(pen.y, step[1])];
    if (!event.shiftKey) {
      pressed = null;
    } else {
      if (!pressed) strokes.push((pressed = [from]));
      pressed.push({ x: pen.x, y: pen.y });
    }
    change();
  });
  canvas.addEventListener('blur', () => {
    pen.isShown = false;
    pressed = null;
    show();
  });
  clear.addEventListener('click', () => {
    strokes.length = 0;
    change();
    canvas.focus();
  });
  undo.addEventListener('click', () => {
    strokes.pop();
    change();
  });
  save.addEventListener('click', async () => {
    const link = h('a', { download: 'digit.png', href: URL.createObjectURL(await png(seen)) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
  });
  show();

  const element = h(
    'div',
    { class: 'draw' },
    canvas,
    h('div', { class: 'beside' }, seen, about, h('div', { class: 'buttons' }, clear, undo, save)),
  );
  return {
    element,
    async content() {
      if (strokes.length === 0) throw new Error('Draw something first.');
      return { body: await png(seen), type: 'image/png' };
    },
    described: () => ({ kind: 'picture', file: 'digit.png', type: 'image/png' }),
  };
}

function png(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser cannot write a PNG'))), 'image/png');
  });
}

function paint(context, strokes, side, place) {
  context.fillStyle = '#000';
  context.fillRect(0, 0, side, side);
  context.strokeStyle = context.fillStyle = '#fff';
  context.lineCap = context.lineJoin = 'round';
  context.lineWidth = side * PEN;
  for (const stroke of strokes) {
    const [first, ...rest] = stroke.map(place);
    context.beginPath();
    context.moveTo(first.x, first.y);
    // A point is a line of no length, which round caps make a dot.
    for (const { x, y } of rest.length > 0 ? rest : [first]) context.lineTo(x, y);
    context.stroke();
  }
}

function mark(context, { x, y }) {
  context.strokeStyle = '#8a8f98';
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(x, y, (SIDE * PEN) / 2, 0, 2 * Math.PI);
  context.stroke();
}

/** Draws at the full size, fitted, and averages each of the model's pixels. */
function paintSeen(seen, strokes, side) {
  const fine = h('canvas', { width: SIDE, height: SIDE });
  const context = fine.getContext('2d', { willReadFrequently: true });
  paint(context, strokes, SIDE, fitted(strokes));
  const pixels = context.getImageData(0, 0, SIDE, SIDE).data;
  const sums = new Float64Array(side * side);
  const counts = new Float64Array(side * side);
  const coarse = (at) => Math.min(side - 1, Math.floor((at * side) / SIDE));
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const cell = coarse(y) * side + coarse(x);
      sums[cell] += pixels[(y * SIDE + x) * 4];
      counts[cell] += 1;
    }
  }
  const image = new ImageData(side, side);
  sums.forEach((sum, cell) =>
    image.data.set(
      [sum, sum, sum, 255 * counts[cell]].map((it) => it / counts[cell]),
      cell * 4,
    ),
  );
  seen.getContext('2d').putImageData(image, 0, 0);
}

/** Where a point of the drawing goes so that all of it fills the height and stands in the middle. */
function fitted(strokes) {
  const points = strokes.flat();
  if (points.length === 0) return (point) => point;
  const edges = (axis) => [Math.min(...points.map((it) => it[axis])), Math.max(...points.map((it) => it[axis]))];
  const [[left, right], [top, bottom]] = [edges('x'), edges('y')];
  const room = SIDE * (1 - PEN);
  const scale = Math.min(room / Math.max(bottom - top, 1), room / Math.max(right - left, 1), ENLARGED_MAX);
  const center = { x: (left + right) / 2, y: (top + bottom) / 2 };
  return ({ x, y }) => ({ x: SIDE / 2 + (x - center.x) * scale, y: SIDE / 2 + (y - center.y) * scale });
}
