(module
  (func (export "endless") (loop $again (br $again)))
  (func (export "noop")))
