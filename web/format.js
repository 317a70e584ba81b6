// Numbers and times as people read them.

const COUNT = new Intl.NumberFormat('en-US');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `3,412`. */
export function count(value) {
  return COUNT.format(value);
}

/** `1 call`, `2 calls`. */
export function plural(value, one) {
  return value === 1 ? `1 ${one}` : `${count(value)} ${one}s`;
}

/** Bytes with three digits, in powers of 1000. */
export function bytes(value) {
  const units = [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ];
  const unit = units.find(([, size]) => value >= size * 0.9995);
  return unit ? `${threeDigits(value / unit[1])} ${unit[0]}` : plural(value, 'byte');
}

/** A time for people, with three digits. */
export function duration(nanoseconds) {
  if (nanoseconds >= 1e9) return `${threeDigits(nanoseconds / 1e9)} s`;
  if (nanoseconds >= 1e6) return `${threeDigits(nanoseconds / 1e6)} ms`;
  if (nanoseconds >= 1e3) return `${threeDigits(nanoseconds / 1e3)} µs`;
  return `${Math.round(nanoseconds)} ns`;
}

function threeDigits(value) {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** A number that was measured or computed: integers whole, others with five digits. */
export function number(value) {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return count(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
}

/** `97.3 %`; what is not quite all or nothing does not look so. */
export function percent(share) {
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  if (share < 1 && share > 0.9995) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

/** The start of a digest: enough to tell versions apart, and to roll back to. */
export function short(digest) {
  return digest.slice(0, 12);
}

/** How long, in its two largest units, of a number of microseconds. */
export function span(microseconds) {
  const seconds = Math.max(0, Math.floor(microseconds / 1e6));
  const units = [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [[name, size], second] = [units[first], units[first + 1]];
  const rest = second ? Math.floor((seconds % size) / second[1]) : 0;
  const whole = `${Math.floor(seconds / size)} ${name}`;
  return rest > 0 ? `${whole} ${rest} ${second[0]}` : whole;
}

/** How long ago, in its largest unit. */
export function ago(microseconds) {
  const seconds = (Date.now() * 1000 - microseconds) / 1e6;
  if (seconds < 2) return 'just now';
  const units = [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const [name, size] = units.find(([, size]) => seconds >= size);
  return `${Math.floor(seconds / size)} ${name} ago`;
}

const two = (value) => String(value).padStart(2, '0');

/** The exact moment, on the clock of whoever looks. */
export function exact(microseconds) {
  const at = new Date(microseconds / 1000);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${time(at)}.${String(Math.floor(microseconds / 1000) % 1000).padStart(3, '0')}`;
}

/** Hours, minutes and seconds; with the day when it is another one. */
export function clock(microseconds) {
  const at = new Date(microseconds / 1000);
  const today = at.toDateString() === new Date().toDateString();
  return today ? time(at) : `${MONTHS[at.getMonth()]} ${at.getDate()} ${time(at)}`;
}

function time(at) {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What a value is on one line. */
export function value(any) {
  if (typeof any === 'number') return number(any);
  return typeof any === 'string' ? any : JSON.stringify(any);
}
