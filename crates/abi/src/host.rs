//! What functions may ask of their host: the names of the imports of core modules, their codes and their limits.
//!
//! A pointer and its length are 32-bit integers without a sign. What lies out of the memory is a trap; everything else
//! that a host refuses is one of [`code`].

/// The module that host functions are imported from; its name is the version.
pub const MODULE: &str = "wasmtube_host_v1";
/// `(level, text_ptr, text_len: i32) -> ()`: a line for the log, of a level from 1, an error, to 5, a trace.
pub const LOG: &str = "log";
/// `() -> i64`: nanoseconds since 1970 in UTC, as far as the machine knows.
pub const CLOCK_WALL: &str = "clock_wall";
/// `() -> i64`: nanoseconds since some moment, never fewer than before.
pub const CLOCK_MONOTONIC: &str = "clock_monotonic";
/// `(key_ptr, key_len, room_ptr, room_len: i32) -> i32`: puts a value into the room if it fits, and answers its length.
pub const KV_GET: &str = "kv_get";
/// `(key_ptr, key_len, value_ptr, value_len: i32) -> i32`: keeps a value; 0 where that went well.
pub const KV_SET: &str = "kv_set";
/// `(key_ptr, key_len: i32) -> i32`: removes a value; 1 where there was one, else 0.
pub const KV_DELETE: &str = "kv_delete";
/// `(key_ptr, key_len, room_ptr, room_len: i32) -> i32`: as [`KV_GET`] the first key that is greater, from an empty one on.
pub const KV_NEXT_KEY: &str = "kv_next_key";
/// `(key_ptr, key_len, room_ptr, room_len: i32) -> i32`: as [`KV_GET`] an entry of the configuration.
pub const CONFIG_GET: &str = "config_get";
/// `(room_ptr, room_len: i32) -> i32`: fills the room with random bytes; 0 where that went well.
pub const RANDOM_FILL: &str = "random_fill";

/// Answers of host functions below zero.
pub mod code {
    /// There is no such key.
    pub const ABSENT: i32 = -1;
    /// The key is empty or longer than [`super::KEY_BYTES_MAX`].
    pub const BAD_KEY: i32 = -2;
    /// The value is longer than [`super::VALUE_BYTES_MAX`], or the room than [`super::RANDOM_BYTES_MAX`].
    pub const TOO_LARGE: i32 = -3;
    /// The store holds as many keys or bytes as it may.
    pub const FULL: i32 = -4;
    /// The host cannot do it now: nothing is kept while an instance starts, or the system failed.
    pub const UNAVAILABLE: i32 = -5;
}

/// Longest line of a log in bytes; the rest is cut.
pub const LOG_BYTES_MAX: usize = 4096;
/// Longest key in bytes.
pub const KEY_BYTES_MAX: usize = 256;
/// Longest value in bytes.
pub const VALUE_BYTES_MAX: usize = 65_536;
/// Most random bytes of one call.
pub const RANDOM_BYTES_MAX: usize = 65_536;
