//! Random bytes of the system. On other targets than Wasm they are the same in each run.

use super::{HostError, answered, calls};

/// Fills the room, of at most 65,536 bytes.
///
/// # Errors
/// [`HostError::TooLarge`], [`HostError::Unavailable`].
pub fn fill(room: &mut [u8]) -> Result<(), HostError> {
    answered(calls::random_fill(room)).map(drop)
}

/// A random number.
///
/// # Errors
/// [`HostError::Unavailable`].
pub fn u64() -> Result<u64, HostError> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_differ_and_are_bounded() {
        assert_ne!(u64(), u64());
        let mut room = vec![0; 65_537];
        assert_eq!(fill(&mut room), Err(HostError::TooLarge));
        assert_eq!(fill(&mut room[..65_531]), Ok(()));
        assert!(room[65_520..65_531].iter().any(|byte| *byte != 0) && room[65_531] == 0);
    }
}
