/**
 * What a function in AssemblyScript needs to be called by wasmtube: core ABI v1, in one file.
 *
 *     import { Reader, answer, failed } from "./wasmtube";
 *     export { wasmtube_abi_v1, wasmtube_alloc, wasmtube_free, wasmtube_panic } from "./wasmtube";
 *
 *     export function double(address: usize, length: u32): u64 {
 *       const argument = new Reader(address, length);
 *       const value = argument.number();
 *       return argument.end() ? answer((2 * value).toString()) : failed("invalid-argument", argument.why("double"));
 *     }
 *
 * The compiler is told to end a failed assertion here (`"use": ["abort=wasmtube/wasmtube_abort"]` in asconfig.json), and
 * `wasmtube pack --manifest` what the functions take and answer.
 *
 * Who owns what: the bytes of an argument belong to the host and lie there until the function returns. `answer` and
 * `failed` make a copy that belongs to the host, which frees it. Everything else is collected as usual.
 */

/** Bit 31 of a length: the bytes are an error object. */
const ERROR_BIT: u64 = 1 << 31;
/** Larger blocks the allocator has none. */
const BLOCK_MAX: u32 = 1 << 30;
/** Most UTF-16 units that are kept of the message of a trap. */
const MESSAGE_UNITS: i32 = 300;
const MESSAGE_ROOM: i32 = 1024;

const message = memory.data(1024);
let trapped: u64 = 0;

/** Marks the core ABI v1; never called. */
export function wasmtube_abi_v1(): void {}

/** Memory for a value that crosses, on a boundary of 16; 0 if there is none. */
export function wasmtube_alloc(length: u32, align: u32): usize {
  return length == 0 || length > BLOCK_MAX - 64 || align > 16 ? 0 : heap.alloc(length);
}

/** Gives such memory back. */
export function wasmtube_free(address: usize, length: u32): void {
  if (length != 0) heap.free(address);
}

/** Where the message of the last trap lies. */
export function wasmtube_panic(): u64 {
  return trapped;
}

/** Called by the compiler's code where an assertion fails: keeps the message, then ends the call with a trap. */
export function wasmtube_abort(text: string | null, file: string | null, line: u32, column: u32): void {
  let length: usize = 0;
  if (text) length = keep(text, 0);
  if (file && length + 40 < <usize>MESSAGE_ROOM) {
    length += keep(" at ", length) + keep(file, length + 4);
    length += keep(":", length) + keep(line.toString(), length + 1);
  }
  trapped = packed(message, <u32>length);
  unreachable();
}

/** Answers a text, such as JSON. */
export function answer(text: string): u64 {
  return hand(text, 0);
}

/** Answers bytes. */
export function answerBytes(bytes: StaticArray<u8>): u64 {
  return copied(changetype<usize>(bytes), bytes.length);
}

/** Answers a list of numbers, which lie side by side as the manifest says: `list = "f64"`. */
export function answerList<T>(elements: StaticArray<T>): u64 {
  checkElement<T>();
  return copied(changetype<usize>(elements), <usize>elements.length * sizeof<T>());
}

/** Answers an error object: a stable word for programs, a sentence for people, whether the same call may succeed later. */
export function failed(code: string, message: string, retryable: bool = false): u64 {
  const object = `{"code":${quoted(code)},"message":${quoted(message)},"retryable":${retryable.toString()}}`;
  return hand(object, ERROR_BIT);
}

/** A text as JSON, in quotes and with escapes. */
export function quoted(text: string): string {
  let escaped = '"';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) continue;
    escaped += text.substring(start, at);
    escaped += unit < 0x20 ? "\\u" + unit.toString(16).padStart(4, "0") : "\\" + String.fromCharCode(unit);
    start = at + 1;
  }
  return escaped + text.substring(start) + '"';
}

/**
 * A list of numbers where it lies in the argument: `list = "i64"` of the manifest is a `List<i64>`. Elements are read and
 * changed by their index, and `copy` makes an array of them.
 *
 *     const values = new List<i64>(address, length);
 *     if (values.wrong()) return failed("invalid-argument", values.why("mean"));
 */
export class List<T> {
  /** How many elements there are. */
  readonly length: i32;

  constructor(
    private address: usize,
    private bytes: u32,
  ) {
    checkElement<T>();
    this.length = this.wrong() ? 0 : <i32>(bytes / sizeof<T>());
  }

  /** Whether the bytes are no list of such elements. It is empty then. */
  wrong(): bool {
    return this.bytes % sizeof<T>() != 0 || this.address % sizeof<T>() != 0;
  }

  /** What is wrong, for the error object. */
  why(name: string): string {
    if (this.bytes % sizeof<T>() == 0) return misfit(name, "it does not lie on a boundary of 16 bytes");
    return misfit(name, `${this.bytes} bytes are no list of elements of ${sizeof<T>()} bytes`);
  }

  /** The elements as an array of the function's own. */
  copy(): StaticArray<T> {
    const elements = new StaticArray<T>(this.length);
    memory.copy(changetype<usize>(elements), this.address, <usize>this.length * sizeof<T>());
    return elements;
  }

  @operator("[]")
  private read(index: i32): T {
    assert(<u32>index < <u32>this.length, "there is no such element");
    return load<T>(this.address + <usize>index * sizeof<T>());
  }

  @operator("[]=")
  private write(index: i32, value: T): void {
    assert(<u32>index < <u32>this.length, "there is no such element");
    store<T>(this.address + <usize>index * sizeof<T>(), value);
  }
}

/**
 * Reads a record, its fields in the order of the manifest. What is read behind its end is 0.
 *
 *     const record = new RecordReader(address, length);
 *     const from = record.f64(), count = record.u64();
 *     if (!record.end()) return failed("invalid-argument", record.why("ramp"));
 */
export class RecordReader {
  private at: u32 = 0;

  constructor(
    private address: usize,
    private length: u32,
  ) {}

  i64(): i64 {
    return this.next();
  }

  u64(): u64 {
    return this.next();
  }

  f64(): f64 {
    return reinterpret<f64>(this.next());
  }

  /** Whether what was read is the whole record. */
  end(): bool {
    return this.at == this.length;
  }

  /** What is wrong, for the error object. */
  why(name: string): string {
    return misfit(name, `${this.length} bytes are no record of ${this.at} bytes`);
  }

  private next(): u64 {
    const at = this.at;
    this.at += 8;
    return this.at <= this.length ? load<u64>(this.address + at) : 0;
  }
}

/** Answers a record, its fields in the order of the manifest: `new RecordWriter().f64(mean).i64(count).answer()`. */
export class RecordWriter {
  private fields: Array<u64> = [];

  i64(value: i64): RecordWriter {
    return this.u64(value);
  }

  u64(value: u64): RecordWriter {
    this.fields.push(value);
    return this;
  }

  f64(value: f64): RecordWriter {
    return this.u64(reinterpret<u64>(value));
  }

  answer(): u64 {
    return copied(this.fields.dataStart, <usize>this.fields.length * 8);
  }
}

/** Reads JSON from left to right. The first mistake is kept, and what is read after it is empty. */
export class Reader {
  private at: usize;
  private end_: usize;
  private first: bool = true;
  private mistake: string | null = null;

  constructor(
    private start: usize,
    length: u32,
  ) {
    this.at = start;
    this.end_ = start + length;
  }

  /** Begins an array: `while (reader.item()) ...` reads one value in each turn. */
  array(): void {
    this.first = true;
    this.expect(Char.OPEN_BRACKET, "expected an array");
  }

  /** Whether there is another value in the array. */
  item(): bool {
    return this.more(Char.CLOSE_BRACKET, "expected `,` or `]`");
  }

  /** Begins an object: `for (let key = reader.key(); key !== null; key = reader.key()) ...` reads one value each. */
  object(): void {
    this.first = true;
    this.expect(Char.OPEN_BRACE, "expected an object");
  }

  /** The key of the next entry of the object, null after the last one. */
  key(): string | null {
    if (!this.more(Char.CLOSE_BRACE, "expected `,` or `}`")) return null;
    const key = this.text();
    return this.expect(Char.COLON, "expected `:`") ? key : null;
  }

  /** A string. */
  text(): string {
    if (!this.expect(Char.QUOTE, "expected a string")) return "";
    let text = "";
    let from = this.at;
    while (this.at < this.end_) {
      const byte = load<u8>(this.at);
      if (byte < 0x20) break;
      if (byte == Char.QUOTE || byte == Char.BACKSLASH) {
        text += String.UTF8.decodeUnsafe(from, this.at - from);
        this.at++;
        if (byte == Char.QUOTE) return text;
        text += this.escape();
        from = this.at;
        continue;
      }
      this.at++;
    }
    this.fail("a string that does not end");
    return "";
  }

  /** A whole number of 64 bits. */
  integer(): i64 {
    const negative = this.peek() == Char.MINUS;
    if (negative) this.at++;
    const most = negative ? <u64>i64.MAX_VALUE + 1 : <u64>i64.MAX_VALUE;
    const from = this.at;
    let value: u64 = 0;
    while (this.mistake === null && this.at < this.end_) {
      const digit = <u64>load<u8>(this.at) - 48;
      if (digit > 9) break;
      if (value > (most - digit) / 10) this.fail("a number beyond 64 bits");
      value = value * 10 + digit;
      this.at++;
    }
    const digits = this.at - from;
    if (digits == 0 || (digits > 1 && load<u8>(from) == 48)) this.fail("expected a whole number");
    if (this.at < this.end_) {
      const next = load<u8>(this.at);
      if (next == 46 || (next | 32) == 101) this.fail("expected a whole number, not a fraction");
    }
    if (this.mistake !== null) return 0;
    return negative ? -(<i64>value) : <i64>value;
  }

  /** A number. */
  number(): f64 {
    const first = this.peek();
    if (first != Char.MINUS && <u32>(first - 48) > 9) this.fail("expected a number");
    if (this.mistake !== null) return 0;
    const from = this.at;
    this.word();
    const value = parseFloat(String.UTF8.decodeUnsafe(from, this.at - from));
    if (isNaN(value)) this.fail("expected a number");
    return value;
  }

  /** `true` or `false`. */
  boolean(): bool {
    if (this.peek() < 0) this.fail("expected true or false");
    const from = this.at;
    this.word();
    const word = String.UTF8.decodeUnsafe(from, this.at - from);
    if (word != "true" && word != "false") this.fail("expected true or false");
    return this.mistake === null && word == "true";
  }

  /** Passes over one value of any kind. */
  skip(): void {
    let depth = 0;
    do {
      const next = this.peek();
      if (next == Char.QUOTE) {
        this.text();
      } else if (next == Char.OPEN_BRACE || next == Char.OPEN_BRACKET) {
        depth++;
        this.at++;
      } else if (depth > 0 && (next == Char.CLOSE_BRACE || next == Char.CLOSE_BRACKET)) {
        depth--;
        this.at++;
      } else if (depth > 0 && (next == Char.COMMA || next == Char.COLON)) {
        this.at++;
      } else if (next >= 0 && isWord(<u8>next)) {
        this.word();
      } else {
        this.fail("expected a value");
      }
    } while (depth > 0 && this.mistake === null);
    this.first = false;
  }

  /** Whether everything was read and nothing was wrong. */
  end(): bool {
    if (this.peek() >= 0) this.fail("expected nothing more");
    return this.mistake === null;
  }

  /** Whether something was wrong. */
  wrong(): bool {
    return this.mistake !== null;
  }

  /** Notes a mistake of your own, such as a number that is too large; false for short. */
  fail(mistake: string): bool {
    if (this.mistake === null) this.mistake = mistake;
    return false;
  }

  /** What is wrong and where, for the error object. */
  why(name: string): string {
    const mistake = this.mistake;
    const what = mistake === null ? "something is missing" : mistake;
    return misfit(name, `${what} at byte ${this.at - this.start}`);
  }

  private peek(): i32 {
    if (this.mistake !== null) return -1;
    while (this.at < this.end_) {
      const byte = load<u8>(this.at);
      if (byte != 32 && byte != 10 && byte != 13 && byte != 9) return byte;
      this.at++;
    }
    return -1;
  }

  private expect(wanted: i32, mistake: string): bool {
    if (this.peek() != wanted) return this.fail(mistake);
    this.at++;
    return true;
  }

  private more(end: i32, mistake: string): bool {
    if (this.peek() == end) {
      this.at++;
      this.first = false;
      return false;
    }
    if (!this.first && !this.expect(Char.COMMA, mistake)) return false;
    this.first = false;
    return this.mistake === null;
  }

  private word(): void {
    while (this.at < this.end_ && isWord(load<u8>(this.at))) this.at++;
  }

  private escape(): string {
    const byte = this.at < this.end_ ? load<u8>(this.at++) : <u8>0;
    switch (byte) {
      case 34: return '"';
      case 47: return "/";
      case 92: return "\\";
      case 98: return "\b";
      case 102: return "\f";
      case 110: return "\n";
      case 114: return "\r";
      case 116: return "\t";
      case 117: {
        let unit = 0;
        for (let digits = 0; digits < 4; digits++) {
          const hex = this.at < this.end_ ? hexDigit(load<u8>(this.at++)) : -1;
          if (hex < 0) this.fail("an escape that is none");
          unit = (unit << 4) | (hex & 15);
        }
        return String.fromCharCode(unit);
      }
      default:
        this.fail("an escape that is none");
        return "";
    }
  }
}

namespace Char {
  export const QUOTE: i32 = 34;
  export const COMMA: i32 = 44;
  export const MINUS: i32 = 45;
  export const COLON: i32 = 58;
  export const OPEN_BRACKET: i32 = 91;
  export const BACKSLASH: i32 = 92;
  export const CLOSE_BRACKET: i32 = 93;
  export const OPEN_BRACE: i32 = 123;
  export const CLOSE_BRACE: i32 = 125;
}

function isWord(byte: u8): bool {
  return <u8>((byte | 32) - 97) < 26 || <u8>(byte - 48) < 10 || byte == 43 || byte == 45 || byte == 46;
}

function hexDigit(byte: u8): i32 {
  if (<u8>(byte - 48) < 10) return byte - 48;
  const letter = <u8>((byte | 32) - 97);
  return letter < 6 ? letter + 10 : -1;
}

function hand(text: string, flag: u64): u64 {
  const length = String.UTF8.byteLength(text);
  if (length == 0) return flag;
  const address = heap.alloc(length);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, address);
  return packed(address, length) | flag;
}

/** Hands over a copy of these bytes. */
function copied(from: usize, length: usize): u64 {
  if (length == 0) return 0;
  const address = heap.alloc(length);
  memory.copy(address, from, length);
  return packed(address, <u32>length);
}

function misfit(name: string, reason: string): string {
  return `the argument is not what \`${name}\` takes: ${reason}`;
}

@inline
function checkElement<T>(): void {
  if ((!isInteger<T>() && !isFloat<T>()) || isBoolean<T>() || isVector<T>()) {
    ERROR("the elements of a list are i8, u8, i16, u16, i32, u32, i64, u64, f32 or f64");
  }
}

function packed(address: usize, length: u32): u64 {
  return length == 0 ? 0 : (<u64>address << 32) | length;
}

/** Writes a text behind what is kept of a message; answers how many bytes it takes. */
function keep(text: string, at: usize): usize {
  const units = min(min(text.length, MESSAGE_UNITS), (MESSAGE_ROOM - <i32>at) / 3);
  return String.UTF8.encodeUnsafe(changetype<usize>(text), units, message + at);
}
