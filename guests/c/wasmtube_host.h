/* What a function in C may ask of its host, where the slot allows it: `allow` of the slot, `--allow` of `wasmtube call`.
 *
 *     uint8_t value[16];
 *     int32_t len = wasmtube_host_kv_get("count", 5, value, sizeof value);
 *     if (len == WASMTUBE_HOST_ABSENT) wasmtube_host_log(WASMTUBE_HOST_INFO, "begins anew", 11);
 *
 * A module imports what it calls, and nothing else. What lies out of the memory is a trap. Functions that put something
 * into a room answer its whole length and write nothing where the room is too small: ask again with a larger one. */
#ifndef WASMTUBE_HOST_H
#define WASMTUBE_HOST_H

#include <stdint.h>

#define WASMTUBE_HOST(name) __attribute__((import_module("wasmtube_host_v1"), import_name(#name)))

enum {
    WASMTUBE_HOST_ABSENT = -1,      /* there is no such key */
    WASMTUBE_HOST_BAD_KEY = -2,     /* it is empty or longer than 256 bytes */
    WASMTUBE_HOST_TOO_LARGE = -3,   /* a value or a room of random bytes is above 65536 bytes */
    WASMTUBE_HOST_FULL = -4,        /* the store holds as many keys or bytes as it may */
    WASMTUBE_HOST_UNAVAILABLE = -5, /* not now: nothing is kept while an instance starts, or the system failed */
};

enum {
    WASMTUBE_HOST_ERROR = 1,
    WASMTUBE_HOST_WARN = 2,
    WASMTUBE_HOST_INFO = 3,
    WASMTUBE_HOST_DEBUG = 4,
    WASMTUBE_HOST_TRACE = 5,
};

/* "log": a line of at most 4096 bytes; those that come too fast are dropped and counted. */
WASMTUBE_HOST(log) void wasmtube_host_log(int32_t level, const void *text, uint32_t len);

/* "clock": nanoseconds since 1970 in UTC, as far as the machine knows, and since some moment, never fewer than before. */
WASMTUBE_HOST(clock_wall) int64_t wasmtube_host_clock_wall(void);
WASMTUBE_HOST(clock_monotonic) int64_t wasmtube_host_clock_monotonic(void);

/* "kv": values that are kept by key, belong to the slot and survive swaps. 0 or more where that went well; of delete 1
 * where there was one. The next key is the first that is greater; an empty one begins. */
WASMTUBE_HOST(kv_get) int32_t wasmtube_host_kv_get(const void *key, uint32_t key_len, void *room, uint32_t room_len);
WASMTUBE_HOST(kv_set) int32_t wasmtube_host_kv_set(const void *key, uint32_t key_len, const void *value, uint32_t len);
WASMTUBE_HOST(kv_delete) int32_t wasmtube_host_kv_delete(const void *key, uint32_t key_len);
WASMTUBE_HOST(kv_next_key)
int32_t wasmtube_host_kv_next_key(const void *key, uint32_t key_len, void *room, uint32_t room_len);

/* "config": an entry of the configuration of the slot, as it was when the call began. */
WASMTUBE_HOST(config_get)
int32_t wasmtube_host_config_get(const void *key, uint32_t key_len, void *room, uint32_t room_len);

/* "random": fills the room with random bytes; 0 where that went well. */
WASMTUBE_HOST(random_fill) int32_t wasmtube_host_random_fill(void *room, uint32_t len);

#endif
