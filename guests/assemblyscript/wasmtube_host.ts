/**
 * What a function in AssemblyScript may ask of its host, where the slot allows it: `allow` of the slot, `--allow` of
 * `wasmtube call`. A module imports what it calls, and nothing else.
 *
 *     import * as host from "./wasmtube_host";
 *
 *     const count = host.keptText("count");
 *     host.keepText("count", count === null ? "1" : (parseInt(count) + 1).toString());
 *     host.log(host.Level.INFO, "counted");
 */

export namespace Level {
  export const ERROR: i32 = 1;
  export const WARN: i32 = 2;
  export const INFO: i32 = 3;
  export const DEBUG: i32 = 4;
  export const TRACE: i32 = 5;
}

/** Answers below zero. */
export namespace Code {
  /** There is no such key. */
  export const ABSENT: i32 = -1;
  /** It is empty or longer than 256 bytes. */
  export const BAD_KEY: i32 = -2;
  /** A value or a room of random bytes is above 65536 bytes. */
  export const TOO_LARGE: i32 = -3;
  /** The store holds as many keys or bytes as it may. */
  export const FULL: i32 = -4;
  /** Not now: nothing is kept while an instance starts, or the system failed. */
  export const UNAVAILABLE: i32 = -5;
}

@external("wasmtube_host_v1", "log")
declare function host_log(level: i32, text: usize, length: i32): void;
@external("wasmtube_host_v1", "clock_wall")
declare function host_clock_wall(): i64;
@external("wasmtube_host_v1", "clock_monotonic")
declare function host_clock_monotonic(): i64;
@external("wasmtube_host_v1", "kv_get")
declare function host_kv_get(key: usize, keyLength: i32, room: usize, roomLength: i32): i32;
@external("wasmtube_host_v1", "kv_set")
declare function host_kv_set(key: usize, keyLength: i32, value: usize, length: i32): i32;
@external("wasmtube_host_v1", "kv_delete")
declare function host_kv_delete(key: usize, keyLength: i32): i32;
@external("wasmtube_host_v1", "config_get")
declare function host_config_get(key: usize, keyLength: i32, room: usize, roomLength: i32): i32;
@external("wasmtube_host_v1", "random_fill")
declare function host_random_fill(room: usize, length: i32): i32;

/** "log": a line of at most 4096 bytes; those that come too fast are dropped and counted. */
export function log(level: i32, text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  host_log(level, bytes.dataStart, bytes.length);
}

/** "clock": nanoseconds since 1970 in UTC, as far as the machine knows. */
export function wallClock(): i64 {
  return host_clock_wall();
}

/** "clock": nanoseconds since some moment, never fewer than before. */
export function monotonicClock(): i64 {
  return host_clock_monotonic();
}

/** "kv": the text that is kept by this key, null where there is none. */
export function keptText(key: string): string | null {
  const bytes = Uint8Array.wrap(String.UTF8.encode(key));
  let room = new Uint8Array(256);
  while (true) {
    const length = host_kv_get(bytes.dataStart, bytes.length, room.dataStart, room.length);
    if (length < 0) return null;
    if (length <= room.length) return String.UTF8.decodeUnsafe(room.dataStart, length);
    room = new Uint8Array(length);
  }
}

/** "kv": keeps a text, which belongs to the slot and survives swaps; 0, or one of the codes. */
export function keepText(key: string, text: string): i32 {
  const bytes = Uint8Array.wrap(String.UTF8.encode(key));
  const value = Uint8Array.wrap(String.UTF8.encode(text));
  return host_kv_set(bytes.dataStart, bytes.length, value.dataStart, value.length);
}

/** "kv": removes a text; 1 where there was one, else 0, or one of the codes. */
export function forget(key: string): i32 {
  const bytes = Uint8Array.wrap(String.UTF8.encode(key));
  return host_kv_delete(bytes.dataStart, bytes.length);
}

/** "config": an entry of the configuration of the slot as it was when the call began, null where there is none. */
export function configured(key: string): string | null {
  const bytes = Uint8Array.wrap(String.UTF8.encode(key));
  let room = new Uint8Array(256);
  while (true) {
    const length = host_config_get(bytes.dataStart, bytes.length, room.dataStart, room.length);
    if (length < 0) return null;
    if (length <= room.length) return String.UTF8.decodeUnsafe(room.dataStart, length);
    room = new Uint8Array(length);
  }
}

/** "random": fills an array, of at most 65536 bytes; 0, or one of the codes. */
export function fillRandom(room: Uint8Array): i32 {
  return host_random_fill(room.dataStart, room.length);
}
