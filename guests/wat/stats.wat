;; The function of the paper's first experiment, in the text form of WebAssembly: mean and median of integers of 32 bits.
;; `wasmtube pack stats.wat -o stats.wasm` makes a sealed file of it; no other tool is needed.
;;
;; Numbers cross as they lie in memory, little-endian: a list of i32 comes in, a record of two i64 goes out. JSON would
;; have to be taken apart by hand.
;;
;; Who owns what (core ABI v1): the host asks `wasmtube_alloc` for room, writes the argument there and calls the function
;; with its address and length; (0, 0) is the empty argument. The function answers `address << 32 | length` of bytes that
;; it got from its own `wasmtube_alloc`. The host reads them, frees them, and then frees the argument. Bit 31 of the
;; length says that the bytes are an error object, JSON of the form {"code":"","message":"","retryable":false}.
(module
  ;; What the module says of itself, one line of JSON each: `wasmtube pack` turns them into the manifest.
  (@custom "wasmtube-decl" "{\"module\":{\"name\":\"stats\",\"version\":\"1.0.0\",\"state\":\"stateless\"}}\n")
  (@custom "wasmtube-decl" "{\"function\":{\"name\":\"calc_stats\",\"takes\":[{\"list\":\"i32\"}],\"returns\":[{\"record\":[[\"mean\",\"i64\"],[\"median\",\"i64\"]]}],\"about\":\"Mean, truncated toward zero, and median, the upper of two middle values; both are 0 where there are no values.\"}}\n")
  (@custom "wasmtube-decl" "{\"function\":{\"name\":\"noop\",\"takes\":[{\"list\":\"i32\"}],\"returns\":[{\"record\":[[\"mean\",\"i64\"],[\"median\",\"i64\"]]}],\"about\":\"Computes nothing: what is left is the cost of the call.\"}}\n")

  (memory (export "memory") 1)
  ;; The text of the one error. Blocks begin behind it, on a boundary of 16.
  (data (i32.const 16) "{\"code\":\"invalid-argument\",\"message\":\"a list of i32 has 4 bytes for each value\",\"retryable\":false}")
  (global $error_at i32 (i32.const 16))
  (global $error_len i32 (i32.const 98))
  (global $heap i32 (i32.const 128))

  ;; The marker: its name is the version of the ABI. It is never called.
  (func (export "wasmtube_abi_v1"))

  ;; Memory: blocks follow each other, and when all of them were given back it begins anew. That is enough for functions
  ;; that keep nothing.
  (global $top (mut i32) (i32.const 128))
  (global $blocks (mut i32) (i32.const 0))

  ;; `len` bytes on a boundary of 16, or 0 where there is no memory.
  (func $alloc (export "wasmtube_alloc") (param $len i32) (param $align i32) (result i32)
    (local $end i64) (local $room i64)
    (if (i32.eqz (local.get $len)) (then (return (i32.const 0))))
    (local.set $end (i64.add (i64.extend_i32_u (global.get $top))
      (i64.and (i64.add (i64.extend_i32_u (local.get $len)) (i64.const 15)) (i64.const -16))))
    (local.set $room (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
    (if (i64.gt_u (local.get $end) (local.get $room)) (then
      ;; 4 GiB is all that 32 bits reach.
      (if (i64.gt_u (local.get $end) (i64.const 0xffffffff)) (then (return (i32.const 0))))
      (if (i32.eq (i32.const -1) (memory.grow (i32.wrap_i64
            (i64.shr_u (i64.add (i64.sub (local.get $end) (local.get $room)) (i64.const 65535)) (i64.const 16)))))
        (then (return (i32.const 0))))))
    (global.set $blocks (i32.add (global.get $blocks) (i32.const 1)))
    (global.get $top)
    (global.set $top (i32.wrap_i64 (local.get $end))))

  (func $free (export "wasmtube_free") (param $ptr i32) (param $len i32)
    (if (i32.eqz (local.get $len)) (then (return)))
    (global.set $blocks (i32.sub (global.get $blocks) (i32.const 1)))
    (if (i32.eqz (global.get $blocks)) (then (global.set $top (global.get $heap)))))

  ;; `address << 32 | length`.
  (func $packed (param $ptr i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $len))))

  ;; The error object, in a block that the host may free.
  (func $wrong_length (result i64)
    (local $block i32)
    (local.set $block (call $alloc (global.get $error_len) (i32.const 16)))
    (if (i32.eqz (local.get $block)) (then unreachable))
    (memory.copy (local.get $block) (global.get $error_at) (global.get $error_len))
    (call $packed (local.get $block) (i32.or (global.get $error_len) (i32.const 0x80000000))))

  ;; The record of two numbers, 8 bytes each.
  (func $answer (param $mean i64) (param $median i64) (result i64)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 16) (i32.const 16)))
    (if (i32.eqz (local.get $block)) (then unreachable))
    (i64.store (local.get $block) (local.get $mean))
    (i64.store offset=8 (local.get $block) (local.get $median))
    (call $packed (local.get $block) (i32.const 16)))

  (func (export "calc_stats") (param $ptr i32) (param $len i32) (result i64)
    (local $end i32) (local $at i32) (local $sum i64) (local $count i32)
    (if (i32.and (local.get $len) (i32.const 3)) (then (return (call $wrong_length))))
    (if (i32.eqz (local.get $len)) (then (return (call $answer (i64.const 0) (i64.const 0)))))
    (local.set $count (i32.shr_u (local.get $len) (i32.const 2)))
    (local.set $end (i32.add (local.get $ptr) (local.get $len)))
    (local.set $at (local.get $ptr))
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (i64.load32_s (local.get $at))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (call $sort (local.get $ptr) (local.get $count))
    (call $answer
      (i64.div_s (local.get $sum) (i64.extend_i32_u (local.get $count)))
      (i64.load32_s (i32.add (local.get $ptr) (i32.shl (i32.shr_u (local.get $count) (i32.const 1)) (i32.const 2))))))

  (func (export "noop") (param $ptr i32) (param $len i32) (result i64)
    (if (i32.and (local.get $len) (i32.const 3)) (then (return (call $wrong_length))))
    (call $answer (i64.const 0) (i64.const 0)))

  ;; Heap sort (Williams 1964), in place: first every value sinks below the larger ones, then the largest goes to the
  ;; end, again and again.
  (func $sort (param $ptr i32) (param $count i32)
    (local $at i32) (local $last i32)
    (local.set $at (i32.shr_u (local.get $count) (i32.const 1)))
    (block $sunk
      (loop $next
        (br_if $sunk (i32.eqz (local.get $at)))
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (call $sink (local.get $ptr) (local.get $at) (local.get $count))
        (br $next)))
    (block $sorted
      (loop $next
        (br_if $sorted (i32.le_u (local.get $count) (i32.const 1)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (local.set $last (i32.add (local.get $ptr) (i32.shl (local.get $count) (i32.const 2))))
        (call $swap (local.get $ptr) (local.get $last))
        (call $sink (local.get $ptr) (i32.const 0) (local.get $count))
        (br $next))))

  (func $sink (param $ptr i32) (param $at i32) (param $count i32)
    (local $child i32) (local $here i32) (local $there i32)
    (loop $down
      (local.set $child (i32.add (i32.shl (local.get $at) (i32.const 1)) (i32.const 1)))
      (if (i32.ge_u (local.get $child) (local.get $count)) (then (return)))
      (local.set $there (i32.add (local.get $ptr) (i32.shl (local.get $child) (i32.const 2))))
      (if (i32.lt_u (i32.add (local.get $child) (i32.const 1)) (local.get $count)) (then
        (if (i32.gt_s (i32.load offset=4 (local.get $there)) (i32.load (local.get $there))) (then
          (local.set $child (i32.add (local.get $child) (i32.const 1)))
          (local.set $there (i32.add (local.get $there) (i32.const 4)))))))
      (local.set $here (i32.add (local.get $ptr) (i32.shl (local.get $at) (i32.const 2))))
      (if (i32.ge_s (i32.load (local.get $here)) (i32.load (local.get $there))) (then (return)))
      (call $swap (local.get $here) (local.get $there))
      (local.set $at (local.get $child))
      (br $down)))

  (func $swap (param $a i32) (param $b i32)
    (local $value i32)
    (local.set $value (i32.load (local.get $a)))
    (i32.store (local.get $a) (i32.load (local.get $b)))
    (i32.store (local.get $b) (local.get $value))))
