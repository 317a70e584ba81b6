// Digits for the page: one as strokes, one as a NumPy file.

const SIDE = 8;

/** Points of a zero in a square of side 1. */
export function zero() {
  const steps = Array.from({ length: 41 }, (_, step) => (step / 40) * 2 * Math.PI);
  return steps.map((angle) => [0.5 + 0.2 * Math.sin(angle), 0.5 - 0.34 * Math.cos(angle)]);
}

/** A vertical stroke as float32 `[1, 1, 8, 8]`. */
export function tensorFile() {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, ${SIDE}, ${SIDE}), }`;
  const padded = `${text.padEnd(128 - 10 - 1)}\n`;
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (at % SIDE === 3 || at % SIDE === 4 ? 1 : 0));
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), Buffer.from(pixels.buffer)]);
}
