//! Events as JSON text.

use std::time::Duration;

use runtime::SlotEvent;
use serde_json::json;

pub(super) fn json(event: &SlotEvent) -> String {
    let text = |digest: &abi::Digest| digest.to_string();
    let value = match event {
        SlotEvent::Published { slot, old, new, compile, check, switch } => json!({
            "event": "published", "slot": slot, "old": text(old), "new": text(new),
            "compile_ms": milliseconds(*compile), "check_ms": milliseconds(*check), "switch_ms": milliseconds(*switch),
        }),
        SlotEvent::Refused { slot, digest, reason } => json!({
            "event": "refused", "slot": slot, "digest": digest.as_ref().map(text), "reason": reason,
        }),
        SlotEvent::Drained { slot, digest, after } => json!({
            "event": "drained", "slot": slot, "digest": text(digest), "after_ms": milliseconds(*after),
        }),
        SlotEvent::DrainOverdue { slot, digest, leases } => json!({
            "event": "drain_overdue", "slot": slot, "digest": text(digest), "leases": leases,
        }),
        SlotEvent::Trapped { slot, digest, function, reason, state_lost } => json!({
            "event": "trapped", "slot": slot, "digest": text(digest), "function": function, "reason": reason,
            "state_lost": state_lost,
        }),
        SlotEvent::Evicted { slot, digest, key } => json!({
            "event": "evicted", "slot": slot, "digest": text(digest), "key": key,
        }),
        other => json!({ "event": "other", "text": format!("{other:?}") }),
    };
    value.to_string()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use abi::Digest;

    use super::*;

    #[track_caller]
    fn check(event: &SlotEvent, expected: &str) {
        assert_eq!(json(event).replace(&"ab".repeat(32), "AB"), expected);
    }

    #[test]
    fn events_are_objects_that_say_what_happened() {
        let (slot, digest) = (String::from("s"), Digest([0xab; 32]));
        check(
            &SlotEvent::Refused { slot: slot.clone(), digest: None, reason: "bad".into() },
            r#"{"digest":null,"event":"refused","reason":"bad","slot":"s"}"#,
        );
        check(
            &SlotEvent::Drained { slot: slot.clone(), digest, after: Duration::from_millis(2) },
            r#"{"after_ms":2.0,"digest":"AB","event":"drained","slot":"s"}"#,
        );
        check(
            &SlotEvent::DrainOverdue { slot: slot.clone(), digest, leases: 3 },
            r#"{"digest":"AB","event":"drain_overdue","leases":3,"slot":"s"}"#,
        );
        let [compile, check_time, switch] = [4, 2, 1].map(Duration::from_millis);
        check(
            &SlotEvent::Published { slot: slot.clone(), old: digest, new: digest, compile, check: check_time, switch },
            r#"{"check_ms":2.0,"compile_ms":4.0,"event":"published","new":"AB","old":"AB","slot":"s","switch_ms":1.0}"#,
        );
        check(
            &SlotEvent::Evicted { slot: slot.clone(), digest, key: "k".into() },
            r#"{"digest":"AB","event":"evicted","key":"k","slot":"s"}"#,
        );
        check(
            &SlotEvent::Trapped { slot, digest, function: "f".into(), reason: "r".into(), state_lost: true },
            r#"{"digest":"AB","event":"trapped","function":"f","reason":"r","slot":"s","state_lost":true}"#,
        );
    }
}
