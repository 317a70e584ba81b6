// The function of the paper's first experiment: mean and median of integers of 32 bits.
import { Reader, answer, failed } from "./wasmtube";
export { wasmtube_abi_v1, wasmtube_alloc, wasmtube_free, wasmtube_panic } from "./wasmtube";

/** Mean, truncated toward zero, and median, the upper of two middle values; both are 0 where there are no values. */
export function calc_stats(address: usize, length: u32): u64 {
  const argument = new Reader(address, length);
  const values = readValues(argument);
  if (!argument.end()) return failed("invalid-argument", argument.why("calc_stats"));
  if (values.length == 0) return report(0, 0);
  let sum: i64 = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  values.sort((a, b) => i32(a > b) - i32(a < b));
  return report(sum / values.length, values[values.length / 2]);
}

/** Reads its argument as `calc_stats` does and computes nothing: what is left is the cost of the call. */
export function noop(address: usize, length: u32): u64 {
  const argument = new Reader(address, length);
  readValues(argument);
  return argument.end() ? report(0, 0) : failed("invalid-argument", argument.why("noop"));
}

/** The values of `{"values":[127,71,110]}`. */
function readValues(argument: Reader): Array<i32> {
  const values = new Array<i32>();
  let found = false;
  argument.object();
  for (let key = argument.key(); key !== null; key = argument.key()) {
    if (key != "values") {
      argument.skip();
      continue;
    }
    if (found) argument.fail("`values` is given twice");
    found = true;
    argument.array();
    while (argument.item()) {
      const value = argument.integer();
      if (value < i32.MIN_VALUE || value > i32.MAX_VALUE) argument.fail("a number beyond 32 bits");
      values.push(<i32>value);
    }
  }
  if (!found) argument.fail("missing field `values`");
  return values;
}

function report(mean: i64, median: i64): u64 {
  return answer(`{"mean":${mean},"median":${median}}`);
}
