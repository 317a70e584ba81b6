//! Errors as one line of text.

use std::error::Error;

/// An error and its sources in one line, from the outermost to the cause.
#[must_use]
pub fn one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallError, PublishError};

    #[test]
    fn sources_follow_in_their_order() {
        let error = PublishError::Start(CallError::Retired);
        let expected =
            "an instance cannot be started: the version of this lease was replaced and drained: acquire a new lease";
        assert_eq!(one_line(&error), expected);
    }
}
