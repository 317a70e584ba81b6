/* What a function in C needs to be called by wasmtube: core ABI v1, in one header, without a C library.
 *
 *     #include "wasmtube.h"
 *
 *     WASMTUBE_MODULE("thermostat", "1.0.0", WASMTUBE_STATELESS)
 *
 *     WASMTUBE_FUNCTION(decide, WASMTUBE_JSON, WASMTUBE_JSON, "Switches the heating on below 20 degrees.") {
 *         wasmtube_reader in = wasmtube_read(argument);
 *         int64_t celsius = wasmtube_read_int(&in);
 *         if (!wasmtube_read_end(&in)) return wasmtube_bad_argument(&in, "decide");
 *         wasmtube_writer out = {0};
 *         wasmtube_write(&out, celsius < 20 ? "{\"heat\":true}" : "{\"heat\":false}");
 *         return wasmtube_written(&out);
 *     }
 *
 * Build for wasm32 with -mbulk-memory and without entry point (see build.sh), then seal with `wasmtube pack`, which
 * turns the two macros into the manifest of the file.
 *
 * Who owns what: `argument` belongs to the host and lies there until the function returns; it may be changed. An answer
 * is handed over: it was made by wasmtube_alloc, by a writer or by one of the functions below, and the host frees it.
 * Everything else is the module's own, and gives back what it takes with wasmtube_free.
 *
 * The header may be included by several files of one module; WASMTUBE_MODULE stands in one of them. */
#ifndef WASMTUBE_H
#define WASMTUBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that the host gave: on a boundary of 16, (NULL, 0) if there are none. */
typedef struct {
    uint8_t *bytes;
    uint32_t len;
} wasmtube_bytes;

/* The elements of lists, by the names of their types. */
typedef int8_t wasmtube_i8;
typedef uint8_t wasmtube_u8;
typedef int16_t wasmtube_i16;
typedef uint16_t wasmtube_u16;
typedef int32_t wasmtube_i32;
typedef uint32_t wasmtube_u32;
typedef int64_t wasmtube_i64;
typedef uint64_t wasmtube_u64;
typedef float wasmtube_f32;
typedef double wasmtube_f64;

/* The fields of records: each has 8 bytes, so that nothing lies between them. */
typedef int64_t wasmtube_field_i64;
typedef uint64_t wasmtube_field_u64;
typedef double wasmtube_field_f64;

/* Where an answer lies, as it crosses: address << 32 | length, bit 31 of the length for an error object. */
typedef uint64_t wasmtube_answer;

/* ---- Declarations: what `wasmtube pack` reads. Texts hold neither quotes nor backslashes. ------------------------ */

#define WASMTUBE_STATELESS "stateless" /* nothing is kept between calls: any instance may serve any call */
#define WASMTUBE_STATEFUL "slot"       /* one instance serves all calls and keeps its memory */

#define WASMTUBE_NOTHING "[]"
#define WASMTUBE_JSON "[\\\"json\\\"]"
#define WASMTUBE_BYTES "[\\\"bytes\\\"]"
/* Numbers side by side, little-endian: WASMTUBE_LIST(f64); i8 to i64, u8 to u64, f32, f64. */
#define WASMTUBE_LIST(type) "[{\\\"list\\\":\\\"" #type "\\\"}]"
/* A record: 1 to 64 fields of type i64, u64 or f64. They are written once, as a macro:
 *
 *     #define Stats(field, and) field(f64, mean) and field(f64, median)
 *     WASMTUBE_STRUCT(Stats);
 *
 * makes `struct Stats`, and WASMTUBE_RECORD(Stats) says that a function takes or returns it. */
#define WASMTUBE_RECORD(fields) "[{\\\"record\\\":[" fields(WASMTUBE_FIELD_KIND, ",") "]}]"
#define WASMTUBE_STRUCT(fields) struct fields { fields(WASMTUBE_FIELD_MEMBER, ) }
#define WASMTUBE_FIELD_KIND(type, name) "[\\\"" #name "\\\",\\\"" #type "\\\"]"
#define WASMTUBE_FIELD_MEMBER(type, name) wasmtube_field_##type name;

#define WASMTUBE_DECLARE(line) __asm__(".section \".custom_section.wasmtube-decl\",\"\",@\n.ascii \"" line "\\n\"\n.text\n")

/* Once in a module: its name, its version, and whether it keeps anything between calls. */
#define WASMTUBE_MODULE(name, version, state)                                                                         \
    WASMTUBE_DECLARE("{\\\"module\\\":{\\\"name\\\":\\\"" name "\\\",\\\"version\\\":\\\"" version                    \
                     "\\\",\\\"state\\\":\\\"" state "\\\"}}");                                                       \
    __attribute__((export_name("wasmtube_abi_v1"))) void wasmtube_marker(void) {}                                     \
    __attribute__((export_name("wasmtube_alloc"))) void *wasmtube_export_alloc(uint32_t len, uint32_t align) {        \
        return align <= 16 ? wasmtube_alloc(len) : NULL;                                                              \
    }                                                                                                                 \
    __attribute__((export_name("wasmtube_free"))) void wasmtube_export_free(void *block, uint32_t len) {              \
        if (len != 0) wasmtube_free(block);                                                                           \
    }

#define WASMTUBE_DECLARE_FUNCTION(name, takes, returns, about)                                                        \
    WASMTUBE_DECLARE("{\\\"function\\\":{\\\"name\\\":\\\"" #name "\\\",\\\"takes\\\":" takes ",\\\"returns\\\":" returns \
                     ",\\\"about\\\":\\\"" about "\\\"}}")

/* A function that the host can call: its name, what it takes, what it answers, a sentence for people. The body follows,
 * has `wasmtube_bytes argument` and returns a wasmtube_answer. */
#define WASMTUBE_FUNCTION(name, takes, returns, about)                                                                \
    WASMTUBE_DECLARE_FUNCTION(name, takes, returns, about);                                                           \
    static wasmtube_answer name(wasmtube_bytes argument);                                                             \
    __attribute__((export_name(#name))) wasmtube_answer wasmtube_export_##name(uint8_t *bytes, uint32_t len) {        \
        return name((wasmtube_bytes){bytes, len});                                                                    \
    }                                                                                                                 \
    static wasmtube_answer name(wasmtube_bytes argument)

/* A picture of packed rows of red, green and blue bytes: `argument`, and `uint32_t width, height`. */
#define WASMTUBE_PICTURE_FUNCTION(name, returns, about)                                                               \
    WASMTUBE_DECLARE_FUNCTION(name, "[\\\"image\\\"]", returns, about);                                               \
    static wasmtube_answer name(wasmtube_bytes argument, uint32_t width, uint32_t height);                            \
    __attribute__((export_name(#name))) wasmtube_answer wasmtube_export_##name(uint8_t *bytes, uint32_t len,          \
                                                                               uint32_t width, uint32_t height) {     \
        return name((wasmtube_bytes){bytes, len}, width, height);                                                     \
    }                                                                                                                 \
    static wasmtube_answer name(wasmtube_bytes argument, uint32_t width, uint32_t height)

/* A list of numbers: `wasmtube_TYPE *elements`, where they lie in the argument, and `uint32_t count`. Bytes that are no such
 * list are answered with an error object. */
#define WASMTUBE_LIST_FUNCTION(name, type, returns, about)                                                            \
    WASMTUBE_DECLARE_FUNCTION(name, WASMTUBE_LIST(type), returns, about);                                             \
    static wasmtube_answer name(wasmtube_##type *elements, uint32_t count);                                           \
    __attribute__((export_name(#name))) wasmtube_answer wasmtube_export_##name(uint8_t *bytes, uint32_t len) {        \
        uint32_t size = sizeof(wasmtube_##type);                                                                      \
        if (len % size != 0 || (uintptr_t)bytes % size != 0) return wasmtube_no_list(#name, len, size);               \
        return name((wasmtube_##type *)(void *)bytes, len / size);                                                    \
    }                                                                                                                 \
    static wasmtube_answer name(wasmtube_##type *elements, uint32_t count)

/* A record: `struct FIELDS record`. Bytes of another length are answered with an error object. */
#define WASMTUBE_RECORD_FUNCTION(name, fields, returns, about)                                                        \
    WASMTUBE_DECLARE_FUNCTION(name, WASMTUBE_RECORD(fields), returns, about);                                         \
    static wasmtube_answer name(struct fields record);                                                                \
    __attribute__((export_name(#name))) wasmtube_answer wasmtube_export_##name(uint8_t *bytes, uint32_t len) {        \
        struct fields record;                                                                                         \
        if (len != sizeof record) return wasmtube_no_record(#name, len, sizeof record);                               \
        memcpy(&record, bytes, sizeof record);                                                                        \
        return name(record);                                                                                          \
    }                                                                                                                 \
    static wasmtube_answer name(struct fields record)

#define WASMTUBE_SHARED __attribute__((weak)) /* one copy in a module, however many files include this one */

/* ---- What compilers call without being asked. They become single instructions with -mbulk-memory. ----------------- */

WASMTUBE_SHARED void *memcpy(void *to, const void *from, size_t len) { return __builtin_memcpy(to, from, len); }
WASMTUBE_SHARED void *memmove(void *to, const void *from, size_t len) { return __builtin_memmove(to, from, len); }
WASMTUBE_SHARED void *memset(void *to, int byte, size_t len) { return __builtin_memset(to, byte, len); }

/* ---- Memory: blocks of sizes 4, 5, 6 or 7 times a power of two; a freed one serves the next of its size. ---------- */

extern unsigned char __heap_base;

#define WASMTUBE_SIZES 120
#define WASMTUBE_PAGE 65536u

typedef struct wasmtube_block {
    uint32_t size; /* index into wasmtube_freed */
    struct wasmtube_block *next;
    uint64_t pad; /* what is handed out lies on a boundary of 16 */
} wasmtube_block;

WASMTUBE_SHARED wasmtube_block *wasmtube_freed[WASMTUBE_SIZES];
/* The rest of what the last memory.grow gave. */
WASMTUBE_SHARED uint32_t wasmtube_heap, wasmtube_heap_end;

/* `len` bytes on a boundary of 16, or NULL: no memory, or a length of 0. */
WASMTUBE_SHARED void *wasmtube_alloc(uint32_t len) {
    if (len == 0 || len > 0x7fffffffu) return NULL;
    uint32_t wanted = (len + (uint32_t)sizeof(wasmtube_block) + 63) & ~63u;
    uint32_t shift = 29u - (uint32_t)__builtin_clz(wanted);
    uint32_t quarters = (wanted + (1u << shift) - 1) >> shift; /* 4 to 8 */
    if (quarters == 8) {
        quarters = 4;
        shift += 1;
    }
    uint32_t size = shift * 4 + quarters - 4;
    wasmtube_block *block = wasmtube_freed[size];
    if (block != NULL) {
        wasmtube_freed[size] = block->next;
        return block + 1;
    }
    uint64_t bytes = (uint64_t)quarters << shift;
    if (wasmtube_heap == 0) {
        wasmtube_heap = ((uint32_t)(uintptr_t)&__heap_base + 15) & ~15u;
        /* Not memory.size: what lies behind the first whole page may be the host's, which grew the memory before. */
        wasmtube_heap_end = (wasmtube_heap + WASMTUBE_PAGE - 1) / WASMTUBE_PAGE * WASMTUBE_PAGE;
    }
    if (wasmtube_heap + bytes > wasmtube_heap_end) {
        uint64_t pages = (bytes + WASMTUBE_PAGE - 1) / WASMTUBE_PAGE;
        if (pages >= 65536) return NULL;
        size_t before = __builtin_wasm_memory_grow(0, (size_t)pages);
        if (before == SIZE_MAX) return NULL;
        /* The host may have grown the memory for itself: only what was just given is ours. */
        if (before * WASMTUBE_PAGE != wasmtube_heap_end) wasmtube_heap = (uint32_t)before * WASMTUBE_PAGE;
        wasmtube_heap_end = (uint32_t)(before + pages) * WASMTUBE_PAGE;
    }
    block = (wasmtube_block *)(uintptr_t)wasmtube_heap;
    wasmtube_heap += (uint32_t)bytes;
    block->size = size;
    return block + 1;
}

/* Gives a block back that wasmtube_alloc made. NULL is no block and is left alone. */
WASMTUBE_SHARED void wasmtube_free(void *pointer) {
    if (pointer == NULL) return;
    wasmtube_block *block = (wasmtube_block *)pointer - 1;
    block->next = wasmtube_freed[block->size];
    wasmtube_freed[block->size] = block;
}

/* ---- Answers ------------------------------------------------------------------------------------------------------ */

/* Hands over a block that wasmtube_alloc made, of which `len` bytes are the answer. */
static inline wasmtube_answer wasmtube_give(void *block, uint32_t len) {
    if (len == 0) {
        wasmtube_free(block);
        return 0;
    }
    return (uint64_t)(uintptr_t)block << 32 | len;
}

/* Nothing; for functions that answer WASMTUBE_NOTHING. */
static inline wasmtube_answer wasmtube_nothing(void) { return 0; }

/* A text that grows. It begins as {0}; what does not fit into the memory ends in an error object. */
typedef struct {
    uint8_t *bytes;
    uint32_t len, room;
    bool failed;
} wasmtube_writer;

WASMTUBE_SHARED void wasmtube_write_bytes(wasmtube_writer *out, const void *bytes, uint32_t len) {
    if (out->failed || len == 0) return;
    uint64_t wanted = (uint64_t)out->len + len;
    if (wanted > out->room) {
        uint64_t room = wanted * 2 < 256 ? 256 : wanted * 2;
        if (room > 0x7fffffffu) room = 0x7fffffffu;
        uint8_t *grown = wanted <= room ? wasmtube_alloc((uint32_t)room) : NULL;
        if (grown == NULL) {
            out->failed = true;
            return;
        }
        if (out->len != 0) memcpy(grown, out->bytes, out->len);
        wasmtube_free(out->bytes);
        out->bytes = grown;
        out->room = (uint32_t)room;
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len = (uint32_t)wanted;
}

/* A text as it is. */
WASMTUBE_SHARED void wasmtube_write(wasmtube_writer *out, const char *text) {
    uint32_t len = 0;
    while (text[len] != 0) len++;
    wasmtube_write_bytes(out, text, len);
}

/* A whole number. */
WASMTUBE_SHARED void wasmtube_write_uint(wasmtube_writer *out, uint64_t value) {
    char digits[20];
    uint32_t at = sizeof digits;
    do digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    wasmtube_write_bytes(out, digits + at, (uint32_t)sizeof digits - at);
}

/* A whole number with its sign. */
WASMTUBE_SHARED void wasmtube_write_int(wasmtube_writer *out, int64_t value) {
    if (value < 0) wasmtube_write(out, "-");
    wasmtube_write_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* A text as JSON, in quotes and with escapes. */
WASMTUBE_SHARED void wasmtube_write_string(wasmtube_writer *out, const char *text) {
    wasmtube_write(out, "\"");
    for (; *text != 0; text++) {
        uint8_t byte = (uint8_t)*text;
        if (byte == '"' || byte == '\\') {
            char escaped[2] = {'\\', (char)byte};
            wasmtube_write_bytes(out, escaped, 2);
        } else if (byte < 0x20) {
            const char *hex = "0123456789abcdef";
            char escaped[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
            wasmtube_write_bytes(out, escaped, 6);
        } else {
            wasmtube_write_bytes(out, text, 1);
        }
    }
    wasmtube_write(out, "\"");
}

/* An error object instead of an answer: a stable word for programs, a sentence for people, and whether the same call may
 * succeed later. */
WASMTUBE_SHARED wasmtube_answer wasmtube_error(const char *code, const char *message, bool retryable) {
    wasmtube_writer out = {0};
    wasmtube_write(&out, "{\"code\":");
    wasmtube_write_string(&out, code);
    wasmtube_write(&out, ",\"message\":");
    wasmtube_write_string(&out, message);
    wasmtube_write(&out, retryable ? ",\"retryable\":true}" : ",\"retryable\":false}");
    if (out.failed) __builtin_trap();
    return wasmtube_give(out.bytes, out.len) | 0x80000000u;
}

/* As wasmtube_error, with a message that was written and is used up. */
WASMTUBE_SHARED wasmtube_answer wasmtube_error_written(const char *code, wasmtube_writer *message, bool retryable) {
    wasmtube_write_bytes(message, "", 1);
    if (message->failed) __builtin_trap();
    wasmtube_answer answer = wasmtube_error(code, (const char *)message->bytes, retryable);
    wasmtube_free(message->bytes);
    return answer;
}

/* The error object where wasmtube_alloc or WASMTUBE_NEW_LIST made nothing. */
WASMTUBE_SHARED wasmtube_answer wasmtube_out_of_memory(void) {
    return wasmtube_error("out-of-memory", "there is no memory for the answer", false);
}

/* Hands over what was written. */
WASMTUBE_SHARED wasmtube_answer wasmtube_written(wasmtube_writer *out) {
    if (!out->failed) return wasmtube_give(out->bytes, out->len);
    wasmtube_free(out->bytes);
    return wasmtube_out_of_memory();
}

/* ---- Answers of numbers, without text. ---------------------------------------------------------------------------- */

/* Answers a copy of these bytes. */
WASMTUBE_SHARED wasmtube_answer wasmtube_give_copy(const void *bytes, uint32_t len) {
    void *block = wasmtube_alloc(len);
    if (block == NULL) return len == 0 ? 0 : wasmtube_out_of_memory();
    memcpy(block, bytes, len);
    return wasmtube_give(block, len);
}

/* Answers a record, `struct FIELDS`. */
#define WASMTUBE_GIVE_RECORD(record) wasmtube_give_copy(&(record), sizeof(record))

WASMTUBE_SHARED void *wasmtube_alloc_list(uint64_t count, uint32_t size) {
    return count > 0x7fffffffu / size ? NULL : wasmtube_alloc((uint32_t)count * size);
}

/* A new list, to be filled and then answered or given back by wasmtube_free: NULL where there is no memory, or where
 * `count` is 0. */
#define WASMTUBE_NEW_LIST(type, count) ((wasmtube_##type *)wasmtube_alloc_list(count, sizeof(wasmtube_##type)))

/* Hands over the first `count` elements of a new list, which may be NULL where `count` is 0. */
#define WASMTUBE_GIVE_LIST(elements, count) wasmtube_give(elements, (uint32_t)((count) * sizeof *(elements)))

/* ---- Reading JSON, from left to right. The first mistake is kept, and what is read after it is 0. ----------------- */

typedef struct {
    const uint8_t *bytes;
    uint32_t len, at;
    const char *mistake;
    bool first; /* nothing of the innermost array or object was read yet */
} wasmtube_reader;

static inline wasmtube_reader wasmtube_read(wasmtube_bytes argument) {
    return (wasmtube_reader){.bytes = argument.bytes, .len = argument.len};
}

static inline bool wasmtube_fail(wasmtube_reader *in, const char *mistake) {
    if (in->mistake == NULL) in->mistake = mistake;
    return false;
}

/* The next character that is no space, -1 at the end or after a mistake. */
WASMTUBE_SHARED int wasmtube_peek(wasmtube_reader *in) {
    if (in->mistake != NULL) return -1;
    while (in->at < in->len) {
        uint8_t byte = in->bytes[in->at];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return byte;
        in->at++;
    }
    return -1;
}

WASMTUBE_SHARED bool wasmtube_expect(wasmtube_reader *in, char wanted, const char *mistake) {
    if (wasmtube_peek(in) != wanted) return wasmtube_fail(in, mistake);
    in->at++;
    return true;
}

/* Begins an array: `while (wasmtube_read_item(&in)) ...` reads one value in each turn. */
WASMTUBE_SHARED bool wasmtube_read_array(wasmtube_reader *in) {
    in->first = true;
    return wasmtube_expect(in, '[', "expected an array");
}

/* Begins an object: `while (wasmtube_read_key(&in, &key)) ...` reads one value in each turn. */
WASMTUBE_SHARED bool wasmtube_read_object(wasmtube_reader *in) {
    in->first = true;
    return wasmtube_expect(in, '{', "expected an object");
}

WASMTUBE_SHARED bool wasmtube_more(wasmtube_reader *in, char end, const char *mistake) {
    if (wasmtube_peek(in) == end) {
        in->at++;
        in->first = false;
        return false;
    }
    if (!in->first && !wasmtube_expect(in, ',', mistake)) return false;
    in->first = false;
    return in->mistake == NULL;
}

/* Whether there is another value in the array. */
WASMTUBE_SHARED bool wasmtube_read_item(wasmtube_reader *in) {
    return wasmtube_more(in, ']', "expected `,` or `]`");
}

/* The bytes between the quotes of a string as they stand there, escapes included. */
WASMTUBE_SHARED wasmtube_bytes wasmtube_read_string(wasmtube_reader *in) {
    wasmtube_bytes none = {0};
    if (!wasmtube_expect(in, '"', "expected a string")) return none;
    uint32_t start = in->at;
    for (; in->at < in->len; in->at++) {
        uint8_t byte = in->bytes[in->at];
        if (byte == '"') return (wasmtube_bytes){(uint8_t *)in->bytes + start, in->at++ - start};
        if (byte < 0x20) break;
        if (byte == '\\') in->at++;
    }
    wasmtube_fail(in, "a string that does not end");
    return none;
}

/* Whether there is another entry in the object, and its key. */
WASMTUBE_SHARED bool wasmtube_read_key(wasmtube_reader *in, wasmtube_bytes *key) {
    if (!wasmtube_more(in, '}', "expected `,` or `}`")) return false;
    *key = wasmtube_read_string(in);
    return wasmtube_expect(in, ':', "expected `:`");
}

/* Whether bytes are this text. */
WASMTUBE_SHARED bool wasmtube_is(wasmtube_bytes bytes, const char *text) {
    for (uint32_t at = 0; at < bytes.len; at++)
        if (text[at] == 0 || (uint8_t)text[at] != bytes.bytes[at]) return false;
    return text[bytes.len] == 0;
}

/* A whole number of 64 bits. */
WASMTUBE_SHARED int64_t wasmtube_read_int(wasmtube_reader *in) {
    bool negative = wasmtube_peek(in) == '-';
    if (negative) in->at++;
    uint32_t start = in->at;
    uint64_t value = 0, most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    for (; in->mistake == NULL && in->at < in->len; in->at++) {
        uint8_t digit = (uint8_t)(in->bytes[in->at] - '0');
        if (digit > 9) break;
        if (value > (most - digit) / 10) wasmtube_fail(in, "a number beyond 64 bits");
        value = value * 10 + digit;
    }
    uint32_t digits = in->at - start;
    int next = in->at < in->len ? in->bytes[in->at] : 0;
    if (digits == 0 || (digits > 1 && in->bytes[start] == '0')) wasmtube_fail(in, "expected a whole number");
    if (next == '.' || next == 'e' || next == 'E') wasmtube_fail(in, "expected a whole number, not a fraction");
    if (in->mistake != NULL) return 0;
    return negative ? (int64_t)(0 - value) : (int64_t)value;
}

/* Passes over one value of any kind. */
WASMTUBE_SHARED void wasmtube_skip(wasmtube_reader *in) {
    uint32_t depth = 0;
    do {
        int next = wasmtube_peek(in);
        if (next == '"') {
            wasmtube_read_string(in);
        } else if (next == '{' || next == '[') {
            depth++;
            in->at++;
        } else if ((next == '}' || next == ']' || next == ',' || next == ':') && depth > 0) {
            if (next == '}' || next == ']') depth--;
            in->at++;
        } else if (next == '-' || (next >= '0' && next <= '9') || (next >= 'a' && next <= 'z')) {
            while (in->at < in->len && ((in->bytes[in->at] | 32) - 'a' < 26u || in->bytes[in->at] - '0' < 10u ||
                                        in->bytes[in->at] == '-' || in->bytes[in->at] == '+' || in->bytes[in->at] == '.'))
                in->at++;
        } else {
            wasmtube_fail(in, "expected a value");
        }
    } while (depth > 0 && in->mistake == NULL);
    in->first = false;
}

/* Whether everything was read and nothing was wrong. */
WASMTUBE_SHARED bool wasmtube_read_end(wasmtube_reader *in) {
    if (wasmtube_peek(in) != -1) wasmtube_fail(in, "expected nothing more");
    return in->mistake == NULL;
}

/* ---- Errors of arguments. ----------------------------------------------------------------------------------------- */

WASMTUBE_SHARED wasmtube_writer wasmtube_misfit(const char *function) {
    wasmtube_writer out = {0};
    wasmtube_write(&out, "the argument is not what `");
    wasmtube_write(&out, function);
    wasmtube_write(&out, "` takes: ");
    return out;
}

/* The error object of JSON that is not what `function` takes: what is wrong, and where. */
WASMTUBE_SHARED wasmtube_answer wasmtube_bad_argument(wasmtube_reader *in, const char *function) {
    wasmtube_writer out = wasmtube_misfit(function);
    wasmtube_write(&out, in->mistake == NULL ? "something is missing" : in->mistake);
    wasmtube_write(&out, " at byte ");
    wasmtube_write_uint(&out, in->at);
    return wasmtube_error_written("invalid-argument", &out, false);
}

/* That of `len` bytes which are no list of elements of this size, or do not lie where such may. */
WASMTUBE_SHARED wasmtube_answer wasmtube_no_list(const char *function, uint32_t len, uint32_t size) {
    wasmtube_writer out = wasmtube_misfit(function);
    if (len % size == 0) {
        wasmtube_write(&out, "it does not lie on a boundary of 16 bytes");
    } else {
        wasmtube_write_uint(&out, len);
        wasmtube_write(&out, " bytes are no list of elements of ");
        wasmtube_write_uint(&out, size);
        wasmtube_write(&out, " bytes");
    }
    return wasmtube_error_written("invalid-argument", &out, false);
}

/* That of `len` bytes which are no record of this size. */
WASMTUBE_SHARED wasmtube_answer wasmtube_no_record(const char *function, uint32_t len, uint32_t size) {
    wasmtube_writer out = wasmtube_misfit(function);
    wasmtube_write_uint(&out, len);
    wasmtube_write(&out, " bytes are no record of ");
    wasmtube_write_uint(&out, size);
    wasmtube_write(&out, " bytes");
    return wasmtube_error_written("invalid-argument", &out, false);
}

#endif
