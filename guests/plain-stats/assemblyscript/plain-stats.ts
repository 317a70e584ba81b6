// Mean and median of numbers that cross as they lie in memory.
import { List, RecordReader, RecordWriter, answerList, failed } from "./wasmtube";
export { wasmtube_abi_v1, wasmtube_alloc, wasmtube_free, wasmtube_panic } from "./wasmtube";

const COUNT_MAX: u64 = 1 << 20;

/** Mean and median of integers. */
export function stats(address: usize, length: u32): u64 {
  const values = new List<i64>(address, length);
  if (values.wrong()) return failed("invalid-argument", values.why("stats"));
  if (values.length == 0) return failed("no-values", "mean and median need at least one value");
  const sorted = values.copy().sort();
  const middle = sorted.length / 2;
  const upper = sorted[middle];
  const lower = sorted.length % 2 == 0 ? sorted[middle - 1] : upper;
  const mean = sumOf(values) / <f64>values.length;
  return new RecordWriter().f64(mean).f64((<f64>lower + <f64>upper) / 2).answer();
}

/** Values from the first to the last at equal distances. */
export function ramp(address: usize, length: u32): u64 {
  const record = new RecordReader(address, length);
  const from = record.f64();
  const to = record.f64();
  const count = record.u64();
  if (!record.end()) return failed("invalid-argument", record.why("ramp"));
  if (count > COUNT_MAX) return failed("too-many", `${count} values are more than ${COUNT_MAX}`);
  const values = new StaticArray<f64>(<i32>count);
  const last = <f64>max(values.length - 1, 1);
  for (let at = 0; at < values.length; at++) values[at] = from + (to - from) * (<f64>at / last);
  return answerList(values);
}

/** The sum in two words, which does not overflow: `high` has the bits from 32 on. Up to 2^22 values it is rounded once. */
function sumOf(values: List<i64>): f64 {
  let high: i64 = 0;
  let low: u64 = 0;
  for (let at = 0; at < values.length; at++) {
    high += values[at] >> 32;
    low += <u64>(<u32>values[at]);
  }
  high += <i64>(low >> 32);
  return <f64>high * 4294967296.0 + <f64>(<u32>low);
}
