//! How deeply values are nested.

use serde_json::Value;

/// Lists and objects within each other that a value may have. What carries values adds some levels, and readers of JSON
/// stop at 128.
pub const DEPTH_MAX: usize = 64;

/// Whether the value is nested more deeply than [`DEPTH_MAX`].
#[must_use]
pub fn is_too_deep(value: &Value) -> bool {
    fn exceeds(value: &Value, rest: usize) -> bool {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
            Value::Array(values) => rest == 0 || values.iter().any(|value| exceeds(value, rest - 1)),
            Value::Object(fields) => rest == 0 || fields.values().any(|value| exceeds(value, rest - 1)),
        }
    }
    exceeds(value, DEPTH_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_objects_count() {
        let nested = |depth: usize| (0..depth).fold(Value::from(1), |value, _| Value::Array(vec![value]));
        assert!(!is_too_deep(&nested(DEPTH_MAX)));
        assert!(is_too_deep(&nested(DEPTH_MAX + 1)));
        assert!(is_too_deep(&serde_json::json!({ "a": nested(DEPTH_MAX) })));
    }
}
