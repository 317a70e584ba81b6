/* libwasmtube: loads, calls and replaces Wasm functions. Made from crates/capi; do not edit.
 *
 * Errors. A function that can fail returns NULL when it succeeded, else an error that the caller frees with
 * wasmtube_error_free. There is no global state: nothing is kept of an error elsewhere. What a function would have
 * written is then NULL or empty, so that freeing it is allowed. No panic of the library leaves it: it is an error of the
 * kind WASMTUBE_FAILURE_INTERNAL.
 *
 * Arguments. Names and paths end with a NUL byte and are UTF-8; paths on Unix may hold any bytes. Everything else has an
 * address and a length in bytes; where the length is 0 the address may be NULL. Whatever is passed is copied or used only
 * during the call. Every other NULL is an error of the code `null_argument`, but for options, where it means the defaults,
 * and keys, where it means none.
 *
 * Ownership. Engines, slots, outputs, errors and bytes belong to the caller and are freed by the function of their name, in any
 * order. Freeing NULL does nothing.
 *
 * Threads. Engines and slots may be used from all threads at once, without locks: calls run side by side as far as the
 * functions allow it. Freeing one while another thread uses it is not allowed. An error, outputs or bytes belong to one thread
 * at a time. A call runs on the thread of the caller and needs 768 KiB of its stack. Engines do not survive fork(): make them in
 * the child. The library handles no signal that the program sends or expects; it catches SIGSEGV, SIGILL, SIGBUS and SIGFPE
 * that Wasm code raises, and passes others on to whoever handled them before.
 */

#ifndef WASMTUBE_H
#define WASMTUBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Version of this interface. It grows when a program that was built for the version before would break.
 */
#define WASMTUBE_ABI_VERSION 2

/**
 * Length of a digest as text, with the NUL byte at its end.
 */
#define WASMTUBE_DIGEST_BYTES 65

/**
 * Which kind of operation failed, and whose turn it is.
 */
typedef enum {
  /**
   * The library was called against the rules of this header: a null pointer, text that is not UTF-8.
   */
  WASMTUBE_FAILURE_MISUSE = 1,
  /**
   * The engine or the watcher cannot be set up on this machine.
   */
  WASMTUBE_FAILURE_SETUP = 2,
  /**
   * The file cannot be read.
   */
  WASMTUBE_FAILURE_FILE = 3,
  /**
   * The bytes are no module that can be run here.
   */
  WASMTUBE_FAILURE_LOAD = 4,
  /**
   * The version did not pass its checks; a version that was live before it still is.
   */
  WASMTUBE_FAILURE_PUBLISH = 5,
  /**
   * The call has no result; the slot lives on.
   */
  WASMTUBE_FAILURE_CALL = 6,
  /**
   * The library is at fault: please report it.
   */
  WASMTUBE_FAILURE_INTERNAL = 7,
} wasmtube_failure;

/**
 * Compiles and runs Wasm; one for a process is enough.
 */
typedef struct wasmtube_engine wasmtube_engine;

/**
 * Why a function did not do what it was asked.
 */
typedef struct wasmtube_error wasmtube_error;

/**
 * What a model answered.
 */
typedef struct wasmtube_outputs wasmtube_outputs;

/**
 * A named place with exactly one live version.
 */
typedef struct wasmtube_slot wasmtube_slot;

/**
 * Limits and policy of a slot. Start from `wasmtube_options_default`, which sets `size`; a field that is 0 or NULL means
 * what stands at it.
 */
typedef struct {
  /**
   * `sizeof(wasmtube_options)`, by which the library knows the header that the program was built with.
   */
  size_t size;
  /**
   * Longest time for one call, in milliseconds, at most a day. 0: 5000.
   */
  uint64_t deadline_ms;
  /**
   * Largest memory of one instance, in bytes. 0: 1 GiB.
   */
  uint64_t memory_bytes;
  /**
   * Largest argument that is no picture, in bytes. 0: 64 MiB.
   */
  size_t argument_bytes;
  /**
   * Largest picture, in bytes of RGB. 0: 2^27 pixels.
   */
  size_t picture_bytes;
  /**
   * Largest result, in bytes. 0: 16 MiB.
   */
  size_t result_bytes;
  /**
   * Most calls at once, where the functions keep no state or one for each key, at most 1024. 0: as many as the machine
   * runs threads.
   */
  size_t instances;
  /**
   * Most keys whose state is kept, each in an instance of its own, where the functions keep their state by key; one more
   * takes the place of the key that was idle for the longest. At most 65,536. 0: 64.
   */
  size_t keys;
  /**
   * Most calls that wait for an instance; one more is refused at once. 0: 256.
   */
  size_t queue;
  /**
   * Whether a version may lack or change functions of the one before: 0 or 1.
   */
  uint32_t allow_breaking;
  /**
   * What functions may ask of the host, names separated by commas: `kv,clock`. NULL: nothing. What is kept is kept in
   * memory, the configuration is empty, and what functions log goes nowhere.
   */
  const char *allow;
  /**
   * Where in their memory functions of the classic convention get their arguments: `end`, an address such as `42`, or
   * `alloc:NAME`, an export that allocates. NULL: what the file says, else `end`, which modules of AssemblyScript refuse.
   */
  const char *window;
} wasmtube_options;

/**
 * Bytes that the library hands out. A NUL byte follows them, which `len` does not count, so that text can be printed.
 * Free them with `wasmtube_bytes_free`.
 */
typedef struct {
  /**
   * The bytes; NULL where there are none to free.
   */
  uint8_t *data;
  /**
   * How many.
   */
  size_t len;
} wasmtube_bytes;

/**
 * A tensor, given to a model or answered by it.
 */
typedef struct {
  /**
   * Name of the input or output in the model. NULL for an input that its position decides.
   */
  const char *name;
  /**
   * Type of the elements: `f32`, `f64`, `f16`, `i8`, `u8`, `i16`, `u16`, `i32`, `u32`, `i64`, `u64` or `bool`.
   */
  const char *dtype;
  /**
   * Size of each dimension.
   */
  const uint64_t *shape;
  /**
   * How many dimensions.
   */
  size_t rank;
  /**
   * The elements in row-major order without gaps, little-endian.
   */
  const uint8_t *data;
  /**
   * How many bytes.
   */
  size_t data_len;
} wasmtube_tensor;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Version of the interface of the library that is running: compare it with `WASMTUBE_ABI_VERSION`.
 */
uint32_t wasmtube_abi_version(void);

/**
 * Options that all mean their defaults.
 */
wasmtube_options wasmtube_options_default(void);

/**
 * Makes an engine in `*engine`: one for a process is enough.
 *
 * Safety:
 * `engine` is NULL or leads to room for a pointer.
 */
wasmtube_error *wasmtube_engine_new(wasmtube_engine **engine);

/**
 * Frees an engine. Its slots may live on.
 *
 * Safety:
 * `engine` is NULL or comes from `wasmtube_engine_new`, was not freed and is not in use.
 */
void wasmtube_engine_free(wasmtube_engine *engine);

/**
 * Opens a slot in `*slot` with a module in memory, which is copied. Compiling takes up to some seconds for a megabyte
 * of code.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `wasm` leads to `wasm_len` bytes, `name` to text with a NUL byte.
 */
wasmtube_error *wasmtube_slot_open_bytes(const wasmtube_engine *engine,
                                         const char *name,
                                         const uint8_t *wasm,
                                         size_t wasm_len,
                                         const wasmtube_options *options,
                                         wasmtube_slot **slot);

/**
 * Opens a slot in `*slot` with the module in a file.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `name` and `path` lead to text with a NUL byte.
 */
wasmtube_error *wasmtube_slot_open_file(const wasmtube_engine *engine,
                                        const char *name,
                                        const char *path,
                                        const wasmtube_options *options,
                                        wasmtube_slot **slot);

/**
 * Opens a slot in `*slot` with the module in a file, and publishes what appears in its place until the slot is freed,
 * however the file is replaced. A file that is refused changes nothing and is told by `wasmtube_slot_next_event`.
 *
 * Safety:
 * As `wasmtube_slot_open_file`.
 */
wasmtube_error *wasmtube_slot_watch_file(const wasmtube_engine *engine,
                                         const char *name,
                                         const char *path,
                                         const wasmtube_options *options,
                                         wasmtube_slot **slot);

/**
 * Frees a slot. Calls must have ended; a file is followed no longer.
 *
 * Safety:
 * `slot` is NULL or was opened by this library, was not freed and is not in use.
 */
void wasmtube_slot_free(wasmtube_slot *slot);

/**
 * Calls a function with JSON text, and gives JSON text in `*answer`, or no bytes where the function answers nothing. `key`
 * names whose state the function is to see, where it keeps its state by key, and is NULL where it does not.
 *
 * A function of numbers takes one of them, or an array of them, and answers `null`, a number or an array. What JSON has no
 * number for is text there: `"NaN"`, `"inf"`, `"-inf"`.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `json` to
 * `json_len` bytes.
 */
wasmtube_error *wasmtube_slot_call_json(const wasmtube_slot *slot,
                                        const char *function,
                                        const char *key,
                                        const uint8_t *json,
                                        size_t json_len,
                                        wasmtube_bytes *answer);

/**
 * Calls a function with a JSON array of its arguments, `[]` or no bytes where it takes nothing: numbers, also of functions
 * that could be of the classic convention, or the arguments of a component's function. A function on JSON takes one
 * argument. `key`, answer and numbers as in `wasmtube_slot_call_json`.
 *
 * Safety:
 * As `wasmtube_slot_call_json`.
 */
wasmtube_error *wasmtube_slot_call_arguments(const wasmtube_slot *slot,
                                             const char *function,
                                             const char *key,
                                             const uint8_t *json,
                                             size_t json_len,
                                             wasmtube_bytes *answer);

/**
 * Calls a function of the core ABI v1 with bytes in the form of the kind that it declares; `key` as in
 * `wasmtube_slot_call_json`.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `data` to
 * `data_len` bytes.
 */
wasmtube_error *wasmtube_slot_call_bytes(const wasmtube_slot *slot,
                                         const char *function,
                                         const char *key,
                                         const uint8_t *data,
                                         size_t data_len,
                                         wasmtube_bytes *answer);

/**
 * Calls a function with a picture of packed RGB bytes, row by row from the top left: `rgb_len` is width x height x 3; `key`
 * as in `wasmtube_slot_call_json`.
 *
 * `predict` of a compiled model answers JSON: `outputs` with name, dtype, shape and data of each, and `top`, the ten highest
 * scores with index, label, probability and score, where the first output is one row of scores. `wasmtube_slot_predict`
 * answers tensors.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `function` and `key` lead to text with a NUL byte, `rgb` to `rgb_len`
 * bytes.
 */
wasmtube_error *wasmtube_slot_call_image(const wasmtube_slot *slot,
                                         const char *function,
                                         const char *key,
                                         const uint8_t *rgb,
                                         size_t rgb_len,
                                         uint32_t width,
                                         uint32_t height,
                                         wasmtube_bytes *answer);

/**
 * Gives what the live version offers as a JSON object in `*description`: `functions`, each with its name, its type and
 * what it takes and answers (`nothing`, `scalars`, `json`, `bytes`, `picture`, `tensors`), and `model`, of a compiled model its inputs,
 * outputs and labels, else `null`.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says.
 */
wasmtube_error *wasmtube_slot_describe(const wasmtube_slot *slot,
                                       wasmtube_bytes *description);

/**
 * Compiles and checks a module in memory beside the live one, and makes it the live one if it passes. Calls that have
 * begun end on the version that they began on. A module that is live already changes nothing; of two that are published
 * at once the one that came last wins.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `wasm` leads to `wasm_len` bytes.
 */
wasmtube_error *wasmtube_slot_publish_bytes(const wasmtube_slot *slot, const uint8_t *wasm, size_t wasm_len);

/**
 * As `wasmtube_slot_publish_bytes`, with the module in a file.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `path` leads to text with a NUL byte.
 */
wasmtube_error *wasmtube_slot_publish_file(const wasmtube_slot *slot, const char *path);

/**
 * Writes the digest of the live version, 64 hexadecimal digits and a NUL byte, to the `WASMTUBE_DIGEST_BYTES` at `digest`.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `digest` leads to room for `WASMTUBE_DIGEST_BYTES`.
 */
wasmtube_error *wasmtube_slot_digest(const wasmtube_slot *slot,
                                     char *digest);

/**
 * Waits for the next event of a slot and gives it as a JSON object in `*event`: `event` is `published`, `refused`,
 * `drained`, `drain_overdue`, `trapped` or `evicted`, and `slot` the name. `data` is NULL where none came within
 * `timeout_ms`. A slot keeps 256 events and drops those that follow; several threads that wait do so one after another.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says.
 */
wasmtube_error *wasmtube_slot_next_event(const wasmtube_slot *slot, uint64_t timeout_ms, wasmtube_bytes *event);

/**
 * Frees the bytes and sets the fields to NULL and 0.
 *
 * Safety:
 * `bytes` is NULL or leads to what this library wrote there, or to NULL and 0.
 */
void wasmtube_bytes_free(wasmtube_bytes *bytes);

/**
 * The kind of operation that failed. NULL is an internal error.
 *
 * Safety:
 * `error` is NULL or was given by this library and not freed.
 */
wasmtube_failure wasmtube_error_kind(const wasmtube_error *error);

/**
 * A stable word for programs, such as `deadline_exceeded`; it lives as long as the error. NULL for NULL.
 *
 * Safety:
 * As `wasmtube_error_kind`.
 */
const char *wasmtube_error_code(const wasmtube_error *error);

/**
 * What is wrong, where, why and what to do, in a sentence for people; it lives as long as the error. NULL for NULL.
 *
 * Safety:
 * As `wasmtube_error_kind`.
 */
const char *wasmtube_error_message(const wasmtube_error *error);

/**
 * The code of the error that the function itself answered; it lives as long as the error. NULL for every other error.
 *
 * Safety:
 * As `wasmtube_error_kind`.
 */
const char *wasmtube_error_guest_code(const wasmtube_error *error);

/**
 * Whether the function itself said that the same call may succeed later.
 *
 * Safety:
 * As `wasmtube_error_kind`.
 */
bool wasmtube_error_retryable(const wasmtube_error *error);

/**
 * Frees an error and its texts.
 *
 * Safety:
 * `error` is NULL or was given by this library and not freed.
 */
void wasmtube_error_free(wasmtube_error *error);

/**
 * Runs a compiled model on tensors, in the order of its inputs or, where they have names, in any. `*outputs` is for
 * `wasmtube_outputs_at` and freed by `wasmtube_outputs_free`.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `inputs` leads to `inputs_len` tensors, and each of their pointers
 * to as much as its length says, or to text with a NUL byte.
 */
wasmtube_error *wasmtube_slot_infer(const wasmtube_slot *slot,
                                    const wasmtube_tensor *inputs,
                                    size_t inputs_len,
                                    wasmtube_outputs **outputs);

/**
 * Runs a compiled model on a picture as `wasmtube_slot_call_image` takes it, and answers tensors as
 * `wasmtube_slot_infer` does.
 *
 * Safety:
 * Each pointer is NULL or leads to what its type says; `rgb` leads to `rgb_len` bytes.
 */
wasmtube_error *wasmtube_slot_predict(const wasmtube_slot *slot,
                                      const uint8_t *rgb,
                                      size_t rgb_len,
                                      uint32_t width,
                                      uint32_t height,
                                      wasmtube_outputs **outputs);

/**
 * How many tensors a model answered. 0 for NULL.
 *
 * Safety:
 * `outputs` is NULL or was given by this library and not freed.
 */
size_t wasmtube_outputs_count(const wasmtube_outputs *outputs);

/**
 * The output at this position, from 0 in the order of the model; it lives as long as the outputs. NULL behind the last,
 * and for NULL.
 *
 * Safety:
 * As `wasmtube_outputs_count`.
 */
const wasmtube_tensor *wasmtube_outputs_at(const wasmtube_outputs *outputs, size_t position);

/**
 * Frees what a model answered.
 *
 * Safety:
 * `outputs` is NULL or was given by this library and not freed.
 */
void wasmtube_outputs_free(wasmtube_outputs *outputs);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WASMTUBE_H */
