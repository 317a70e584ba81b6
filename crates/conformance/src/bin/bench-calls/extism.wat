;; The paper's functions as a plug-in of extism, in its convention: the argument is loaded and the answer stored through
;; functions of the host, eight bytes at a time. What is not needed for whole numbers in {"values":[...]} is not there, so
;; it does less work than a guest with a JSON library.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; The argument from 0, values of 32 bits from 65536, the answer from 131072.
  (memory (export "memory") 3)
  (data (i32.const 140000) "{\"mean\":,\"median\":}")

  (func $load (result i32)
    (local $at i64) (local $len i64)
    (local.set $len (call $input_length))
    (block $rest
      (loop $eight
        (br_if $rest (i64.gt_u (i64.add (local.get $at) (i64.const 8)) (local.get $len)))
        (i64.store (i32.wrap_i64 (local.get $at)) (call $input_load_u64 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 8)))
        (br $eight)))
    (block $done
      (loop $one
        (br_if $done (i64.ge_u (local.get $at) (local.get $len)))
        (i32.store8 (i32.wrap_i64 (local.get $at)) (call $input_load_u8 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 1)))
        (br $one)))
    (i32.wrap_i64 (local.get $len)))

  ;; Stores the answer of `$len` bytes from 131072.
  (func $answer (param $len i32)
    (local $block i64) (local $at i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $len))))
    (block $rest
      (loop $eight
        (br_if $rest (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $len)))
        (call $store_u64 (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
          (i64.load offset=131072 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $eight)))
    (block $done
      (loop $one
        (br_if $done (i32.ge_u (local.get $at) (local.get $len)))
        (call $store_u8 (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
          (i32.load8_u offset=131072 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $one)))
    (call $output_set (local.get $block) (i64.extend_i32_u (local.get $len))))

  ;; Reads values from text of `$len` bytes, keeps them in order, and answers how many there are.
  (func $sorted (param $len i32) (result i32)
    (local $at i32) (local $byte i32) (local $value i32) (local $sign i32) (local $open i32) (local $count i32)
    (local $slot i32)
    (local.set $sign (i32.const 1))
    (block $end
      (loop $next
        (br_if $end (i32.gt_u (local.get $at) (local.get $len)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.and (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
                     (i32.lt_u (local.get $at) (local.get $len)))
          (then
            (local.set $open (i32.const 1))
            (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10))
              (i32.sub (local.get $byte) (i32.const 48)))))
          (else
            (if (local.get $open) (then
              (local.set $value (i32.mul (local.get $value) (local.get $sign)))
              (local.set $slot (i32.add (i32.const 65536) (i32.shl (local.get $count) (i32.const 2))))
              (block $placed
                (loop $larger
                  (br_if $placed (i32.eq (local.get $slot) (i32.const 65536)))
                  (br_if $placed (i32.le_s (i32.load (i32.sub (local.get $slot) (i32.const 4))) (local.get $value)))
                  (i32.store (local.get $slot) (i32.load (i32.sub (local.get $slot) (i32.const 4))))
                  (local.set $slot (i32.sub (local.get $slot) (i32.const 4)))
                  (br $larger)))
              (i32.store (local.get $slot) (local.get $value))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))))
            (local.set $sign (select (i32.const -1) (i32.const 1) (i32.eq (local.get $byte) (i32.const 45))))
            (local.set $open (i32.const 0))
            (local.set $value (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $count))

  ;; Writes a number at an address and answers the address behind it.
  (func $write (param $to i32) (param $value i32) (result i32)
    (local $rest i32) (local $digits i32) (local $end i32)
    (if (i32.lt_s (local.get $value) (i32.const 0)) (then
      (i32.store8 (local.get $to) (i32.const 45))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $value (i32.sub (i32.const 0) (local.get $value)))))
    (local.set $rest (local.get $value))
    (loop $count
      (local.set $digits (i32.add (local.get $digits) (i32.const 1)))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $count (local.get $rest)))
    (local.set $end (i32.add (local.get $to) (local.get $digits)))
    (local.set $rest (local.get $end))
    (loop $digit
      (local.set $rest (i32.sub (local.get $rest) (i32.const 1)))
      (i32.store8 (local.get $rest) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $digit (i32.gt_u (local.get $rest) (local.get $to))))
      (local.set $to (local.get $end))
    (local.get $to))

  (func $respond (param $mean i32) (param $median i32)
    (local $at i32)
    (memory.copy (i32.const 131072) (i32.const 140000) (i32.const 8))
    (local.set $at (call $write (i32.const 131080) (local.get $mean)))
    (memory.copy (local.get $at) (i32.const 140008) (i32.const 10))
    (local.set $at (call $write (i32.add (local.get $at) (i32.const 10)) (local.get $median)))
    (i32.store8 (local.get $at) (i32.const 125))
    (call $answer (i32.sub (i32.add (local.get $at) (i32.const 1)) (i32.const 131072))))

  (func (export "noop") (result i32)
    (drop (call $sorted (call $load)))
    (call $respond (i32.const 0) (i32.const 0))
    (i32.const 0))

  ;; Mean, truncated toward zero, and the upper of two middle values.
  (func (export "calc_stats") (result i32)
    (local $count i32) (local $at i32) (local $sum i64)
    (local.set $count (call $sorted (call $load)))
    (if (i32.eqz (local.get $count)) (then (call $respond (i32.const 0) (i32.const 0)) (return (i32.const 0))))
    (loop $add
      (local.set $sum (i64.add (local.get $sum)
        (i64.load32_s offset=65536 (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $add (i32.lt_u (local.get $at) (local.get $count))))
    (call $respond
      (i32.wrap_i64 (i64.div_s (local.get $sum) (i64.extend_i32_u (local.get $count))))
      (i32.load offset=65536 (i32.shl (i32.shr_u (local.get $count) (i32.const 1)) (i32.const 2))))
    (i32.const 0)))
