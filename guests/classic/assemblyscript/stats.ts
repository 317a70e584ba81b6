// The paper's functions in its own convention: the argument lies at an index, the answer takes its place.
import { Reader } from "./wasmtube";

/** Answers its argument, after memory was taken and written to. */
export function echo(index: usize, length: u32): u32 {
  const scratch = new StaticArray<u8>(length + 100000);
  memory.fill(changetype<usize>(scratch), 0, length + 100000);
  return length;
}

/** Mean and largest of {"values":[...]}. */
export function calc_stats(index: usize, length: u32): u32 {
  const argument = new Reader(index, length);
  let sum: i64 = 0;
  let count: i64 = 0;
  let largest: i64 = i64.MIN_VALUE;
  argument.object();
  while (argument.key() !== null) {
    argument.array();
    while (argument.item()) {
      const value = argument.integer();
      sum += value;
      count++;
      if (value > largest) largest = value;
    }
  }
  assert(argument.end() && count > 0, "there are no values");
  const text = `{"mean":${sum / count},"largest":${largest}}`;
  return <u32>String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, index);
}
