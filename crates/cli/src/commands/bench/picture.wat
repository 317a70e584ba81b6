;; Takes a picture in the paper's convention and answers `0` in its place.
(module
  (memory (export "memory") 1)
  (func (export "picture") (param $at i32) (param $len i32) (param $width i32) (param $height i32) (result i32)
    (i32.store8 (local.get $at) (i32.const 48))
    (i32.const 1)))
