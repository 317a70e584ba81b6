//! The imports, which the host provides.

mod raw {
    #[link(wasm_import_module = "wasmtube_host_v1")]
    unsafe extern "C" {
        pub(super) fn log(level: i32, text: *const u8, len: usize);
        pub(super) safe fn clock_wall() -> i64;
        pub(super) safe fn clock_monotonic() -> i64;
        pub(super) fn kv_get(key: *const u8, key_len: usize, room: *mut u8, room_len: usize) -> i32;
        pub(super) fn kv_set(key: *const u8, key_len: usize, value: *const u8, value_len: usize) -> i32;
        pub(super) fn kv_delete(key: *const u8, key_len: usize) -> i32;
        pub(super) fn kv_next_key(key: *const u8, key_len: usize, room: *mut u8, room_len: usize) -> i32;
        pub(super) fn config_get(key: *const u8, key_len: usize, room: *mut u8, room_len: usize) -> i32;
        pub(super) fn random_fill(room: *mut u8, len: usize) -> i32;
    }
}

pub(super) fn clock_wall() -> i64 {
    raw::clock_wall()
}

pub(super) fn clock_monotonic() -> i64 {
    raw::clock_monotonic()
}

pub(super) fn log(level: i32, text: &str) {
    // SAFETY: the host reads the text and keeps nothing of it.
    unsafe { raw::log(level, text.as_ptr(), text.len()) }
}

pub(super) fn kv_get(key: &[u8], room: &mut [u8]) -> i32 {
    // SAFETY: the host reads the key, and writes at most the whole room.
    unsafe { raw::kv_get(key.as_ptr(), key.len(), room.as_mut_ptr(), room.len()) }
}

pub(super) fn kv_set(key: &[u8], value: &[u8]) -> i32 {
    // SAFETY: the host reads key and value and makes copies.
    unsafe { raw::kv_set(key.as_ptr(), key.len(), value.as_ptr(), value.len()) }
}

pub(super) fn kv_delete(key: &[u8]) -> i32 {
    // SAFETY: the host reads the key.
    unsafe { raw::kv_delete(key.as_ptr(), key.len()) }
}

pub(super) fn kv_next_key(key: &[u8], room: &mut [u8]) -> i32 {
    // SAFETY: the host reads the key, and writes at most the whole room.
    unsafe { raw::kv_next_key(key.as_ptr(), key.len(), room.as_mut_ptr(), room.len()) }
}

pub(super) fn config_get(key: &[u8], room: &mut [u8]) -> i32 {
    // SAFETY: the host reads the key, and writes at most the whole room.
    unsafe { raw::config_get(key.as_ptr(), key.len(), room.as_mut_ptr(), room.len()) }
}

pub(super) fn random_fill(room: &mut [u8]) -> i32 {
    // SAFETY: the host writes the room.
    unsafe { raw::random_fill(room.as_mut_ptr(), room.len()) }
}
