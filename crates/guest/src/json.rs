//! What the expansions call between bytes and the function.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The argument of `function` from its JSON text.
///
/// # Errors
/// [`Error::INVALID_ARGUMENT`] with the position and the reason.
pub fn from_json<T: DeserializeOwned>(function: &str, argument: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(argument).map_err(|error| {
        Error::new(Error::INVALID_ARGUMENT, format!("the argument is not what `{function}` takes: {error}"))
    })
}

/// Refuses an argument for a `function` that takes none.
///
/// # Errors
/// [`Error::INVALID_ARGUMENT`] where there are bytes.
pub fn no_argument(function: &str, argument: &[u8]) -> Result<(), Error> {
    match argument.len() {
        0 => Ok(()),
        len => Err(Error::new(
            Error::INVALID_ARGUMENT,
            format!("`{function}` takes no argument, but {len} bytes were given"),
        )),
    }
}

/// The answer of `function` as JSON text.
///
/// # Errors
/// [`Error::INVALID_ANSWER`] where the type has no JSON form, such as a map whose keys are no texts.
pub fn to_json<T: Serialize>(function: &str, answer: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(answer).map_err(|error| {
        Error::new(Error::INVALID_ANSWER, format!("the answer of `{function}` cannot be written as JSON: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn unreadable_arguments_say_where_and_why() {
        for (argument, reason) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("[1,2", "EOF while parsing a list at line 1 column 4"),
            ("[1,2]x", "trailing characters at line 1 column 6"),
            ("[1,-2]", "invalid value: integer `-2`, expected u8 at line 1 column 5"),
        ] {
            let error = from_json::<Vec<u8>>("f", argument.as_bytes()).expect_err("is unreadable");
            assert_eq!(error.to_string(), format!("invalid-argument: the argument is not what `f` takes: {reason}"));
        }
    }

    #[test]
    fn unwritable_answers_are_errors() {
        let error = to_json("f", &BTreeMap::from([((1, 2), 3)])).expect_err("a pair is no key");
        assert_eq!(
            error.to_string(),
            "invalid-answer: the answer of `f` cannot be written as JSON: key must be a string"
        );
        assert_eq!(to_json("f", &()), Ok(b"null".to_vec()));
    }

    #[test]
    fn functions_without_argument_refuse_one() {
        assert_eq!(no_argument("f", b""), Ok(()));
        let error = no_argument("f", b"{}").expect_err("two bytes were given");
        assert_eq!(error.message(), "`f` takes no argument, but 2 bytes were given");
    }
}
