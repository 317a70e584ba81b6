/* The function of the paper's first experiment: mean and median of integers of 32 bits. */
#include "wasmtube.h"

WASMTUBE_MODULE("stats", "1.0.0", WASMTUBE_STATELESS)

/* Reads {"values":[127,71,110]} into a block of its own, which belongs to the caller whatever the outcome. */
static bool read_values(wasmtube_reader *in, wasmtube_bytes argument, int32_t **values, uint32_t *count) {
    bool found = false;
    wasmtube_bytes key;
    *values = NULL;
    *count = 0;
    wasmtube_read_object(in);
    while (wasmtube_read_key(in, &key)) {
        if (!wasmtube_is(key, "values")) {
            wasmtube_skip(in);
            continue;
        }
        if (found) return wasmtube_fail(in, "`values` is given twice");
        found = true;
        /* A number takes two bytes of the text at least, with its comma. */
        uint64_t room = ((uint64_t)argument.len / 2 + 1) * sizeof(int32_t);
        *values = room > INT32_MAX ? NULL : wasmtube_alloc((uint32_t)room);
        if (*values == NULL) return wasmtube_fail(in, "more values than the memory holds");
        wasmtube_read_array(in);
        while (wasmtube_read_item(in)) {
            int64_t value = wasmtube_read_int(in);
            if (value < INT32_MIN || value > INT32_MAX) return wasmtube_fail(in, "a number beyond 32 bits");
            if (in->mistake == NULL) (*values)[(*count)++] = (int32_t)value;
        }
    }
    return wasmtube_read_end(in) && (found || wasmtube_fail(in, "missing field `values`"));
}

static void sink(int32_t *values, uint32_t at, uint32_t count) {
    for (;;) {
        uint32_t larger = 2 * at + 1;
        if (larger >= count) return;
        if (larger + 1 < count && values[larger + 1] > values[larger]) larger++;
        if (values[at] >= values[larger]) return;
        int32_t value = values[at];
        values[at] = values[larger];
        values[larger] = value;
        at = larger;
    }
}

/* Heap sort (Williams 1964): in place, and never slower than n log n. */
static void sort(int32_t *values, uint32_t count) {
    for (uint32_t at = count / 2; at-- > 0;) sink(values, at, count);
    for (uint32_t end = count; end-- > 1;) {
        int32_t value = values[0];
        values[0] = values[end];
        values[end] = value;
        sink(values, 0, end);
    }
}

static wasmtube_answer answer(int64_t mean, int64_t median) {
    wasmtube_writer out = {0};
    wasmtube_write(&out, "{\"mean\":");
    wasmtube_write_int(&out, mean);
    wasmtube_write(&out, ",\"median\":");
    wasmtube_write_int(&out, median);
    wasmtube_write(&out, "}");
    return wasmtube_written(&out);
}

WASMTUBE_FUNCTION(calc_stats, WASMTUBE_JSON, WASMTUBE_JSON,
                  "Mean, truncated toward zero, and median, the upper of two middle values; both are 0 where there are no values.") {
    wasmtube_reader in = wasmtube_read(argument);
    int32_t *values;
    uint32_t count;
    if (!read_values(&in, argument, &values, &count)) {
        wasmtube_free(values);
        return wasmtube_bad_argument(&in, "calc_stats");
    }
    int64_t sum = 0;
    for (uint32_t at = 0; at < count; at++) sum += values[at];
    sort(values, count);
    int64_t mean = count == 0 ? 0 : sum / (int64_t)count;
    int64_t median = count == 0 ? 0 : values[count / 2];
    wasmtube_free(values);
    return answer(mean, median);
}

WASMTUBE_FUNCTION(noop, WASMTUBE_JSON, WASMTUBE_JSON,
                  "Reads its argument as `calc_stats` does and computes nothing: what is left is the cost of the call.") {
    wasmtube_reader in = wasmtube_read(argument);
    int32_t *values;
    uint32_t count;
    bool is_read = read_values(&in, argument, &values, &count);
    wasmtube_free(values);
    return is_read ? answer(0, 0) : wasmtube_bad_argument(&in, "noop");
}
