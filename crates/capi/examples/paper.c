/* The call of the paper's first experiment: mean and median of 60 values, by JSON. With a second file the function is
 * replaced while the program runs, and called again.
 *
 *     cc -I include -o paper examples/paper.c -L ../../target/release -lwasmtube
 *     LD_LIBRARY_PATH=../../target/release ./paper stats.wasm [NEW.wasm]
 */
#include <stdio.h>
#include <string.h>

#include "wasmtube.h"

static const char VALUES[] =
    "{\"values\":[127,71,110,75,140,150,44,112,119,88,88,58,34,69,59,133,124,111,121,102,91,118,62,122,79,77,73,82,116,"
    "153,115,139,97,111,117,81,18,100,60,118,150,47,80,159,109,92,106,108,106,126,143,72,96,46,108,119,148,119,123,145]}";

/* Prints an error and frees it; whether there was one. */
static int failed(wasmtube_error *error) {
    if (error == NULL) return 0;
    fprintf(stderr, "%s: %s\n", wasmtube_error_code(error), wasmtube_error_message(error));
    wasmtube_error_free(error);
    return 1;
}

/* Calls the function and prints what it answers. */
static int call(const wasmtube_slot *slot) {
    wasmtube_bytes answer;
    const uint8_t *json = (const uint8_t *)VALUES;
    if (failed(wasmtube_slot_call_json(slot, "calc_stats", NULL, json, strlen(VALUES), &answer))) return 1;
    printf("%s\n", (const char *)answer.data);
    wasmtube_bytes_free(&answer);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s STATS.wasm [NEW.wasm]\n", argv[0]);
        return 2;
    }
    if (wasmtube_abi_version() != WASMTUBE_ABI_VERSION) {
        fprintf(stderr, "the library has interface %u, not %d\n", wasmtube_abi_version(), WASMTUBE_ABI_VERSION);
        return 1;
    }

    wasmtube_engine *engine;
    if (failed(wasmtube_engine_new(&engine))) return 1;
    wasmtube_slot *slot;
    int status = failed(wasmtube_slot_open_file(engine, "stats", argv[1], NULL, &slot));
    if (!status) status = call(slot);
    if (!status && argc == 3) {
        status = failed(wasmtube_slot_publish_file(slot, argv[2]));
        if (!status) status = call(slot);
    }
    wasmtube_slot_free(slot);
    wasmtube_engine_free(engine);
    return status;
}
