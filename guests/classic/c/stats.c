/* The paper's functions in its own convention: the argument lies at an index, the answer takes its place. */
#include "wasmtube.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/* An allocator for the host: `--window alloc:reserve`. */
EXPORT(reserve) void *reserve(uint32_t bytes) { return wasmtube_alloc(bytes); }

/* Answers its argument, after memory was taken and written to. */
EXPORT(echo) uint32_t echo(uint8_t *bytes, uint32_t length) {
    (void)bytes;
    void *scratch = wasmtube_alloc(length + 100000);
    if (scratch == NULL) __builtin_trap();
    memset(scratch, 0, length + 100000);
    wasmtube_free(scratch);
    return length;
}

/* Mean and largest of {"values":[...]}. */
EXPORT(calc_stats) uint32_t calc_stats(uint8_t *bytes, uint32_t length) {
    wasmtube_reader in = wasmtube_read((wasmtube_bytes){bytes, length});
    wasmtube_bytes key;
    int64_t sum = 0, count = 0, largest = INT64_MIN;
    wasmtube_read_object(&in);
    while (wasmtube_read_key(&in, &key)) {
        wasmtube_read_array(&in);
        while (wasmtube_read_item(&in)) {
            int64_t value = wasmtube_read_int(&in);
            sum += value;
            count++;
            if (value > largest) largest = value;
        }
    }
    if (!wasmtube_read_end(&in) || count == 0) __builtin_trap();
    wasmtube_writer out = {0};
    wasmtube_write(&out, "{\"mean\":");
    wasmtube_write_int(&out, sum / count);
    wasmtube_write(&out, ",\"largest\":");
    wasmtube_write_int(&out, largest);
    wasmtube_write(&out, "}");
    memcpy(bytes, out.bytes, out.len);
    wasmtube_free(out.bytes);
    return out.len;
}
