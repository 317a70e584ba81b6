//! HMAC-SHA256 (RFC 2104) under keys of 32 bytes.

use sha2::{Digest as _, Sha256};

/// Bytes of a code.
pub(super) const MAC_BYTES: usize = 32;
/// Bytes that SHA-256 takes at once.
const BLOCK_BYTES: usize = 64;

/// The code of what is given piece by piece: `H(key ^ opad, H(key ^ ipad, pieces))`.
pub(super) struct Mac {
    inner: Sha256,
    outer: Sha256,
}

impl Mac {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK_BYTES];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            Sha256::new_with_prefix(block)
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        self.inner.update(piece);
    }

    pub(super) fn finish(self) -> [u8; MAC_BYTES] {
        self.outer.chain_update(self.inner.finalize()).finalize().into()
    }
}

/// Compares in a time that does not tell how much is right.
pub(super) fn are_equal(a: &[u8; MAC_BYTES], b: &[u8; MAC_BYTES]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_mac(key: &[u8], text: &[u8], expected: &str) {
        let mut padded = [0; 32];
        padded[..key.len()].copy_from_slice(key);
        let mut mac = Mac::new(&padded);
        text.chunks(7).for_each(|piece| mac.update(piece));
        let mac = mac.finish();
        assert_eq!(mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
    }

    /// RFC 4231; a shorter key is one that is padded with zeros.
    #[test]
    fn codes_are_the_published_ones() {
        check_mac(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check_mac(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check_mac(&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        let key: Vec<u8> = (1..=25).collect();
        check_mac(&key, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    }

    #[test]
    fn one_bit_makes_a_difference() {
        let code = [0x5a; MAC_BYTES];
        assert!(are_equal(&code, &code));
        for byte in 0..MAC_BYTES {
            let mut other = code;
            other[byte] ^= 0x80;
            assert!(!are_equal(&code, &other), "{byte}");
        }
    }
}
