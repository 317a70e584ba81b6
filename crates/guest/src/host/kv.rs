//! Values that are kept by key. They belong to the slot: other instances see them, and they survive swaps.
//!
//! Each function is whole by itself. Two of them one after the other are not: where several instances change the same
//! key, an update may be lost. A module of state `slot` has one instance.

use super::{HostError, answered, ask, calls};

/// The value of a key.
///
/// # Errors
/// [`HostError::BadKey`].
pub fn get(key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, HostError> {
    ask(|room| calls::kv_get(key.as_ref(), room))
}

/// Keeps a value in place of the one that was there.
///
/// # Errors
/// [`HostError::BadKey`], [`HostError::TooLarge`], [`HostError::Full`], [`HostError::Unavailable`]: what was there stays.
pub fn set(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HostError> {
    answered(calls::kv_set(key.as_ref(), value.as_ref())).map(drop)
}

/// Removes a value; whether there was one.
///
/// # Errors
/// [`HostError::BadKey`], [`HostError::Unavailable`].
pub fn delete(key: impl AsRef<[u8]>) -> Result<bool, HostError> {
    Ok(answered(calls::kv_delete(key.as_ref()))? == Some(1))
}

/// The keys in the order of their bytes. One that is kept or removed meanwhile may be seen or not.
pub fn keys() -> impl Iterator<Item = Vec<u8>> {
    let next = |after: &[u8]| ask(|room| calls::kv_next_key(after, room)).ok().flatten();
    std::iter::successors(next(b""), move |key| next(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_by_key() {
        assert_eq!(get("a"), Ok(None));
        assert_eq!((set("a", "1"), set("b", [0xff; 70])), (Ok(()), Ok(())));
        assert_eq!(get("a"), Ok(Some(b"1".to_vec())));
        assert_eq!(get(b"b"), Ok(Some(vec![0xff; 70])));
        assert_eq!(keys().collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!((delete("a"), delete("a")), (Ok(true), Ok(false)));
        assert_eq!(keys().collect::<Vec<_>>(), [b"b"]);
    }

    #[test]
    fn what_the_host_would_refuse_is_refused() {
        assert_eq!(set("", "1"), Err(HostError::BadKey));
        assert_eq!(get([0; 257]), Err(HostError::BadKey));
        assert_eq!(delete(""), Err(HostError::BadKey));
        assert_eq!(set([0; 256], vec![0; 65_537]), Err(HostError::TooLarge));
        assert_eq!(set([0; 256], vec![0; 65_536]), Ok(()));
        assert_eq!(get([0; 256]), Ok(Some(vec![0; 65_536])));
    }
}
