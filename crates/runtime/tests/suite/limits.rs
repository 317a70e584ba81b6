//! Limits: a function that breaks one is stopped, its caller is told which, and the next call is right.

use std::time::{Duration, Instant};

use runtime::{CallError, Limits, PublishError, Scalar, Slot, SlotPolicy};

use crate::guest::{deadline, limited};

const FINE: &str = r#"(func (export "fine") (result i32) (i32.const 7))"#;

/// Far more than any deadline here, far less than for ever.
const SOON: Duration = Duration::from_secs(20);

/// Calls `f`, then `fine`, which must be right.
#[track_caller]
fn check(functions: &str, limits: Limits) -> CallError {
    let lease = limited(&format!("(module {FINE} {functions})"), limits);
    let begun = Instant::now();
    let error = lease.call_scalars("f", &[]).unwrap_err();
    assert!(begun.elapsed() < SOON);
    assert_eq!(lease.call_scalars("fine", &[]).unwrap(), [Scalar::I32(7)]);
    assert_eq!(lease.version().counters().spoiled, 1);
    error
}

#[test]
fn an_endless_loop_is_stopped() {
    let error = check(r#"(func (export "f") (loop $l (br $l)))"#, deadline(30));
    assert_eq!(error, CallError::DeadlineExceeded { deadline: Duration::from_millis(30) });
}

/// A call is given its whole time also where nothing moved the clock of the engine on before it.
#[test]
fn a_deadline_is_whole_after_a_rest() {
    let limit = Duration::from_millis(600);
    let lease = limited(&format!(r#"(module {FINE} (func (export "f") (loop $l (br $l))))"#), deadline(600));
    for rest in [0, 70, 170, 400] {
        assert_eq!(lease.call_scalars("fine", &[]).unwrap(), [Scalar::I32(7)]);
        std::thread::sleep(Duration::from_millis(rest));
        let begun = Instant::now();
        let error = lease.call_scalars("f", &[]).unwrap_err();
        assert_eq!(error, CallError::DeadlineExceeded { deadline: limit });
        assert!((limit..SOON).contains(&begun.elapsed()), "{:?} after {rest} ms", begun.elapsed());
    }
}

#[test]
fn an_endless_start_is_stopped() {
    for start in ["(start $s)", r#"(export "_initialize" (func $s))"#, r#"(export "__wasm_call_ctors" (func $s))"#] {
        let lease = limited(&format!("(module {FINE} (func $s (loop $l (br $l))) {start})"), deadline(30));
        for _ in 0..2 {
            let error = lease.call_scalars("fine", &[]).unwrap_err();
            assert_eq!(error, CallError::DeadlineExceeded { deadline: Duration::from_millis(30) }, "{start}");
        }
    }
}

#[test]
fn a_start_that_breaks_another_limit_says_which() {
    let grow =
        "(start $s) (memory 1) (func $s (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)))";
    let more = "(start $s) (table 1 funcref)
      (func $s (if (i32.eq (table.grow (ref.null func) (i32.const 5)) (i32.const -1)) (then unreachable)))";
    let limits = || Limits { memory_bytes: 8 << 16, table_elements: 5, ..Limits::default() };
    for (start, expected) in [
        (grow, CallError::MemoryLimit { wanted: 17 << 16, limit: 8 << 16 }),
        (more, CallError::TableLimit { wanted: 6, limit: 5 }),
    ] {
        let lease = limited(&format!("(module {FINE} {start})"), limits());
        for _ in 0..2 {
            assert_eq!(lease.call_scalars("fine", &[]).unwrap_err(), expected, "{start}");
        }
    }
    let lease = limited(&format!("(module {FINE} (start $s) (func $s (call $s) (call $s)))"), limits());
    let error = lease.call_scalars("fine", &[]).unwrap_err();
    assert!(matches!(&error, CallError::Trap(trap) if trap.message == "call stack exhausted"), "{error:?}");
}

#[test]
fn initialisers_run_once_before_the_first_call() {
    let text = r#"(module (global $g (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $g (i32.add (global.get $g) (i32.const 1))))
      (func (export "__wasm_call_ctors") unreachable)
      (func (export "runs") (result i32) (global.get $g)))"#;
    let lease = limited(text, Limits::default());
    for _ in 0..3 {
        assert_eq!(lease.call_scalars("runs", &[]).unwrap(), [Scalar::I32(1)]);
    }
}

#[test]
fn a_memory_bomb_is_stopped() {
    let bomb = r#"(memory 1) (func (export "f")
      (loop $l (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $l)))"#;
    let error = check(bomb, Limits { memory_bytes: 8 << 20, ..Limits::default() });
    assert_eq!(error, CallError::MemoryLimit { wanted: (128 + 1) << 16, limit: 8 << 20 });
}

#[test]
fn a_memory_of_several_parts_counts_as_one() {
    let bomb = r#"(memory $a 1) (memory $b 1) (func (export "f")
      (if (i32.eq (memory.grow $a (i32.const 6)) (i32.const -1)) (then unreachable))
      (if (i32.eq (memory.grow $b (i32.const 1)) (i32.const -1)) (then unreachable)))"#;
    let error = check(bomb, Limits { memory_bytes: 8 << 16, ..Limits::default() });
    assert_eq!(error, CallError::MemoryLimit { wanted: 9 << 16, limit: 8 << 16 });
}

#[test]
fn failing_to_grow_on_purpose_does_not_lower_the_sum() {
    let cheat = r#"(memory 1 4) (memory $b 1) (func (export "f") (local $n i32)
      (drop (memory.grow 0 (i32.const 3)))
      (loop $l (drop (memory.grow 0 (i32.const 1))) (drop (memory.grow 0 (i32.const 65535)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 99))))
      (if (i32.eq (memory.grow $b (i32.const 4)) (i32.const -1)) (then unreachable)))"#;
    let error = check(cheat, Limits { memory_bytes: 8 << 16, ..Limits::default() });
    assert_eq!(error, CallError::MemoryLimit { wanted: 9 << 16, limit: 8 << 16 });
}

#[test]
fn a_function_that_copes_with_a_refusal_is_not_disturbed() {
    let text = r#"(module (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 1000))))"#;
    let lease = limited(text, Limits { memory_bytes: 1 << 20, ..Limits::default() });
    assert_eq!(lease.call_scalars("f", &[]).unwrap(), [Scalar::I32(-1)]);
}

#[test]
fn too_much_memory_at_start_is_refused() {
    let lease =
        limited(&format!("(module {FINE} (memory 100))"), Limits { memory_bytes: 1 << 20, ..Limits::default() });
    let error = lease.call_scalars("fine", &[]).unwrap_err();
    assert_eq!(error, CallError::MemoryLimit { wanted: 100 << 16, limit: 1 << 20 });
}

#[test]
fn a_table_bomb_is_stopped() {
    let bomb = r#"(table 1 funcref) (func (export "f")
      (if (i32.eq (table.grow (ref.null func) (i32.const 1000)) (i32.const -1)) (then unreachable)))"#;
    let error = check(bomb, Limits { table_elements: 1000, ..Limits::default() });
    assert_eq!(error, CallError::TableLimit { wanted: 1001, limit: 1000 });
}

#[test]
fn endless_recursion_is_a_trap() {
    let error = check(r#"(func $f (export "f") (call $f) (call $f))"#, Limits::default());
    let CallError::Trap(trap) = error else { panic!("a trap expected, not {error:?}") };
    assert_eq!(trap.message, "call stack exhausted");
    assert_eq!(trap.backtrace[0].function, "f");
    assert_eq!(trap.to_string(), "call stack exhausted in `f` (called by itself at least 19 times)");
}

#[test]
fn arguments_and_results_have_limits() {
    let text = r#"(module (memory (export "memory") 1)
      (func (export "echo") (param i32 i32) (result i32) (local.get 1))
      (func (export "double") (param i32 i32) (result i32) (i32.mul (local.get 1) (i32.const 2))))"#;
    let lease = limited(text, Limits { argument_bytes: 10, result_bytes: 15, ..Limits::default() });
    let error = lease.call_json("echo", "12345678901").unwrap_err();
    assert_eq!(error, CallError::ArgumentTooLarge { bytes: 11, limit: 10 });
    let error = lease.call_json("double", "12345678").unwrap_err();
    assert_eq!(error, CallError::ResultTooLarge { bytes: 16, limit: 15 });
    assert_eq!(lease.call_json("echo", "1234567890").unwrap(), "1234567890");
    assert_eq!(lease.version().counters().spoiled, 0);
}

#[test]
fn an_endless_start_never_goes_live() {
    let text = r#"(module (func (export "f")) (func $s (loop $l (br $l))) (start $s))"#;
    let options = runtime::LoadOptions { limits: deadline(30), ..Default::default() };
    let version = runtime::Version::load(crate::guest::engine(), crate::guest::wasm(text), options).unwrap();
    let error = Slot::new("slot", version, SlotPolicy::default()).unwrap_err();
    assert_eq!(error, PublishError::Start(CallError::DeadlineExceeded { deadline: Duration::from_millis(30) }));
}

#[test]
#[cfg(target_os = "linux")]
fn a_host_without_address_space_does_not_blame_the_function() {
    /// Set in the process that lacks address space.
    const CRAMPED: &str = "WASMTUBE_TEST_CRAMPED";
    if std::env::var_os(CRAMPED).is_none() {
        // Enough to compile, too little to reserve 4 GiB for a memory.
        let output = std::process::Command::new("sh")
            .args(["-c", r#"ulimit -v 3000000 && exec "$0" "$@""#])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "limits::a_host_without_address_space_does_not_blame_the_function", "--nocapture"])
            .env(CRAMPED, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let blamed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}\n{blamed}");
        return;
    }
    let lease = limited(&format!("(module {FINE} (memory 1))"), Limits::default());
    let error = lease.call_scalars("fine", &[]).unwrap_err();
    let CallError::Instantiate { reason } = &error else { panic!("the host is at fault, not {error:?}") };
    assert!(reason.contains("annot allocate memory"), "{reason}");
    assert!(error.to_string().contains("free some, raise `ulimit -v`"), "{error}");
    assert_eq!(lease.version().counters().failed, 1);
}
