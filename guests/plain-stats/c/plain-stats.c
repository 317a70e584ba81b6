/* Mean and median of numbers that cross as they lie in memory. */
#include "wasmtube.h"

WASMTUBE_MODULE("plain-stats", "1.0.0", WASMTUBE_STATELESS)

/* What is computed. */
#define Stats(field, and) field(f64, mean) and field(f64, median)
WASMTUBE_STRUCT(Stats);

/* Values at equal distances: the first, the last if there are at least two, and how many there are. */
#define Ramp(field, and) field(f64, from) and field(f64, to) and field(u64, count)
WASMTUBE_STRUCT(Ramp);

#define COUNT_MAX (1 << 20)

static void sink(int64_t *values, uint32_t at, uint32_t count) {
    for (;;) {
        uint32_t larger = 2 * at + 1;
        if (larger >= count) return;
        if (larger + 1 < count && values[larger + 1] > values[larger]) larger++;
        if (values[at] >= values[larger]) return;
        int64_t value = values[at];
        values[at] = values[larger];
        values[larger] = value;
        at = larger;
    }
}

/* Heap sort (Williams 1964): in place, and never slower than n log n. */
static void sort(int64_t *values, uint32_t count) {
    for (uint32_t at = count / 2; at-- > 0;) sink(values, at, count);
    for (uint32_t end = count; end-- > 1;) {
        int64_t value = values[0];
        values[0] = values[end];
        values[end] = value;
        sink(values, 0, end);
    }
}

/* The sum in two words, which does not overflow: `high` has the bits from 32 on. Up to 2^22 values it is rounded once. */
static double sum_of(const int64_t *values, uint32_t count) {
    int64_t high = 0;
    uint64_t low = 0;
    for (uint32_t at = 0; at < count; at++) {
        high += values[at] >> 32;
        low += (uint32_t)values[at];
    }
    high += (int64_t)(low >> 32);
    return (double)high * 4294967296.0 + (double)(uint32_t)low;
}

WASMTUBE_LIST_FUNCTION(stats, i64, WASMTUBE_RECORD(Stats), "Mean and median of integers.") {
    if (count == 0) return wasmtube_error("no-values", "mean and median need at least one value", false);
    double mean = sum_of(elements, count) / count;
    sort(elements, count);
    int64_t upper = elements[count / 2];
    int64_t lower = count % 2 == 0 ? elements[count / 2 - 1] : upper;
    struct Stats stats = {.mean = mean, .median = ((double)lower + (double)upper) / 2};
    return WASMTUBE_GIVE_RECORD(stats);
}

WASMTUBE_RECORD_FUNCTION(ramp, Ramp, WASMTUBE_LIST(f64), "Values from the first to the last at equal distances.") {
    if (record.count > COUNT_MAX) {
        wasmtube_writer message = {0};
        wasmtube_write_uint(&message, record.count);
        wasmtube_write(&message, " values are more than ");
        wasmtube_write_uint(&message, COUNT_MAX);
        return wasmtube_error_written("too-many", &message, false);
    }
    uint32_t count = (uint32_t)record.count;
    double *values = WASMTUBE_NEW_LIST(f64, count);
    if (values == NULL && count != 0) return wasmtube_out_of_memory();
    double last = count > 1 ? count - 1 : 1;
    for (uint32_t at = 0; at < count; at++) values[at] = record.from + (record.to - record.from) * (at / last);
    return WASMTUBE_GIVE_LIST(values, count);
}
