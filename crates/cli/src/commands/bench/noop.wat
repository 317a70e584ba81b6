;; Functions that compute nothing: what is left is the cost of the call.
(module
  (@custom "wasmtube-decl" "{\"module\":{\"name\":\"noop\",\"version\":\"1.0.0\",\"state\":\"stateless\"}}\n")
  (@custom "wasmtube-decl" "{\"function\":{\"name\":\"noop\",\"takes\":[],\"returns\":[],\"about\":\"Nothing.\"}}\n")
  (@custom "wasmtube-decl" "{\"function\":{\"name\":\"picture\",\"takes\":[\"image\"],\"returns\":[],\"about\":\"Takes a picture and looks away.\"}}\n")

  (memory (export "memory") 1)
  (func (export "wasmtube_abi_v1"))

  ;; One argument at a time, at the beginning of memory, which grows to hold it.
  (func (export "wasmtube_alloc") (param $len i32) (param $align i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub
      (i32.shr_u (i32.add (local.get $len) (i32.const 131071)) (i32.const 16))
      (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then
      (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (return (i32.const 0))))))
    (i32.const 65536))
  (func (export "wasmtube_free") (param i32 i32))

  (func (export "noop"))
  (func (export "picture") (param $at i32) (param $len i32) (param $width i32) (param $height i32) (result i64)
    (i64.const 0)))
