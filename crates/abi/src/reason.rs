use alloc::string::{String, ToString as _};

const BEGIN: usize = 200;
const END: usize = 80;

/// What a reader of JSON says. It repeats what it read, which can be long, and ends with the place.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.len() <= BEGIN + END {
        return text;
    }
    let (begin, end) = (text.floor_char_boundary(BEGIN), text.ceil_char_boundary(text.len() - END));
    [&text[..begin], "…", &text[end..]].concat()
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_long_reason_keeps_its_begin_and_its_place() {
        let long = format!("{{\"{}\": 1}}", "ä".repeat(100_000));
        let error = serde_json::from_str::<crate::Producer>(&long).expect_err("an unknown field");
        let reason = reason(&error);
        assert!(reason.starts_with("unknown field `ääää") && reason.len() < 300, "{reason}");
        assert!(reason.contains("ä…ä") && reason.ends_with("`options` at line 1 column 200003"), "{reason}");
    }
}
