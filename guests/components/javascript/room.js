// The world `room` in JavaScript. A `Float64Array` arrives for a list of f64, an error is thrown.

/** Degrees Celsius below which a room is cold, and above which it is hot. */
const COLD = 18;
const HOT = 26;

export function calcStats(values) {
  const count = values.length;
  if (count === 0) return { mean: 0, median: 0 };
  const sorted = Float64Array.from(values).sort();
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / count,
    median: (sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2,
  };
}

export function judge({ sensor, scale, value }) {
  if (value === undefined) return { tag: "missing" };
  const celsius = scale === "celsius" ? value : ((value - 32) * 5) / 9;
  if (celsius < -273.15) throw `${sensor} is colder than anything can be`;
  if (celsius < COLD) return { tag: "cold", val: celsius };
  if (celsius > HOT) return { tag: "hot", val: celsius };
  return { tag: "comfortable" };
}
