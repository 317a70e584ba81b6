//! Plain numbers, checked against the export's type.

use runtime::Scalar::{F32, F64, I32, I64};
use runtime::{CallError, Convention, Scalar};

use crate::guest::{lease, wasm};

const GUEST: &str = r#"(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "nothing"))
  (func (export "scale") (param f64 i64) (result f64) (f64.mul (local.get 0) (f64.convert_i64_s (local.get 1))))
  (func (export "swap") (param f32 i64) (result i64 f32) (local.get 1) (local.get 0))
  (func (export "vector") (param v128))
  (func (export "__stack_pointer")))"#;

#[track_caller]
fn check(function: &str, arguments: &[Scalar], expected: &[Scalar]) {
    assert_eq!(lease(wasm(GUEST)).call_scalars(function, arguments).unwrap(), expected);
}

#[track_caller]
fn check_refused(function: &str, arguments: &[Scalar], expected: &str) {
    let lease = lease(wasm(GUEST));
    assert_eq!(lease.call_scalars(function, arguments).unwrap_err().to_string(), expected);
    assert_eq!(lease.version().counters().calls, 0, "the function was not entered");
}

#[test]
fn numbers_of_every_type_cross() {
    check("add", &[I32(2), I32(-5)], &[I32(-3)]);
    check("nothing", &[], &[]);
    check("scale", &[F64(1.5), I64(4)], &[F64(6.0)]);
    check("swap", &[F32(0.5), I64(i64::MIN)], &[I64(i64::MIN), F32(0.5)]);
}

#[test]
fn wrong_arity_is_refused() {
    check_refused("add", &[I32(1)], "`add` takes (i32, i32), it was called with (i32)");
    check_refused("nothing", &[I32(1)], "`nothing` takes (), it was called with (i32)");
}

#[test]
fn wrong_type_is_refused() {
    check_refused("scale", &[F64(1.0), I32(1)], "`scale` takes (f64, i64), it was called with (f64, i32)");
}

#[test]
fn what_holds_no_numbers_is_not_offered() {
    let lease = lease(wasm(GUEST));
    let names: Vec<&str> =
        lease.version().interface().functions().iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["add", "nothing", "scale", "swap"]);
    let error = lease.call_scalars("vector", &[]).unwrap_err();
    assert!(matches!(error, CallError::NoSuchFunction { .. }), "{error:?}");
}

#[test]
fn without_a_memory_two_integers_are_only_numbers() {
    let lease = lease(wasm(GUEST));
    assert_eq!(lease.version().interface().convention, Convention::Scalars);
    let error = lease.call_json("add", "1").unwrap_err();
    assert_eq!(error.to_string(), "`add` takes (i32, i32), it was called with JSON");
}

#[test]
fn a_function_is_resolved_once_and_called_with_types_of_rust() {
    let text = r#"(module
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "turned") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))
      (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
      (func (export "nothing")) (func (export "trap") (param i32) unreachable))"#;
    let lease = lease(wasm(text));
    let add = lease.resolve::<(i32, i32), i32>("add").unwrap();
    assert_eq!([add.call((2, 3)), add.call((i32::MAX, 1))], [Ok(5), Ok(i32::MIN)]);
    assert_eq!(lease.resolve::<(u32, u32), u32>("add").unwrap().call((u32::MAX, 2)), Ok(1));
    assert_eq!(add.call((1, 1)), Ok(2), "the same instance, with the signed type again");
    assert_eq!(lease.resolve::<(i64, f64), (f64, i64)>("turned").unwrap().call((-7, 0.5)), Ok((0.5, -7)));
    assert_eq!(lease.resolve::<(f32,), (f32,)>("half").unwrap().call((3.0,)), Ok((1.5,)));
    assert_eq!(lease.resolve::<(), ()>("nothing").unwrap().call(()), Ok(()));
    let trap = lease.resolve::<i32, ()>("trap").unwrap();
    assert!(matches!(trap.call(1), Err(CallError::Trap(_))));
    assert_eq!(add.call((4, 4)), Ok(8), "a new instance is resolved anew");
    let wrong = lease.resolve::<i32, i32>("add").unwrap_err();
    assert_eq!(wrong.to_string(), "`add` takes (i32, i32) -> (i32), it was called with (i32) -> (i32)");
    let wrong = lease.resolve::<(i32, i32), i64>("add").unwrap_err();
    assert_eq!(wrong.to_string(), "`add` takes (i32, i32) -> (i32), it was called with (i32, i32) -> (i64)");
    assert!(matches!(lease.resolve::<(), ()>("no").unwrap_err(), CallError::NoSuchFunction { .. }));
}
