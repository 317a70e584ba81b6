//! Whether a JPEG file is whole. Decoders fill what is missing of a cut file with gray and say nothing.

const END: u8 = 0xd9;
const SCAN: u8 = 0xda;

/// Whether the image reaches its end marker. Thumbnails inside segments and what follows the image do not count.
pub(super) fn is_whole(file: &[u8]) -> bool {
    let mut at = 2;
    let mut in_scan = false;
    while let Some((marker, behind)) = next_marker(file, at, in_scan) {
        if marker == END {
            return true;
        }
        in_scan = marker == SCAN;
        at = if has_length(marker) {
            let Some(length) = file.get(behind..).and_then(|rest| rest.first_chunk()) else { return false };
            behind + usize::from(u16::from_be_bytes(*length))
        } else {
            behind
        };
    }
    false
}

/// The next marker from `at` on and the position behind it. In the data of a scan, 0 stands for an escaped 0xff and
/// restart markers are part of the data.
fn next_marker(file: &[u8], at: usize, in_scan: bool) -> Option<(u8, usize)> {
    let rest = file.get(at..)?;
    let is_marker = |pair: &[u8]| match pair[1] {
        0 | 0xff => false,
        0xd0..=0xd7 => !in_scan,
        _ => true,
    };
    let position = rest.windows(2).position(|pair| pair[0] == 0xff && is_marker(pair))?;
    Some((rest[position + 1], at + position + 2))
}

fn has_length(marker: u8) -> bool {
    !matches!(marker, 0x01 | 0xd0..=0xd9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parts: &[&[u8]], whole: bool) {
        assert_eq!(is_whole(&parts.concat()), whole);
    }

    const START: &[u8] = &[0xff, 0xd8];
    const SCAN_HEAD: &[u8] = &[0xff, 0xda, 0, 3, 9];

    #[test]
    fn the_end_marker_ends_it() {
        check(&[START, SCAN_HEAD, &[1, 2, 0xff, 0xd9]], true);
        check(&[START, SCAN_HEAD, &[1, 2, 0xff]], false);
        check(&[START], false);
        check(&[], false);
    }

    #[test]
    fn what_follows_the_end_is_not_looked_at() {
        check(&[START, SCAN_HEAD, &[1, 0xff, 0xd9], &[0; 99]], true);
    }

    #[test]
    fn an_end_inside_a_segment_does_not_count() {
        check(&[START, &[0xff, 0xe1, 0, 4, 0xff, 0xd9], SCAN_HEAD, &[1, 2]], false);
        check(&[START, &[0xff, 0xe1, 0xff, 0xff, 0xff, 0xd9]], false);
    }

    #[test]
    fn escapes_and_restarts_belong_to_the_scan() {
        check(&[START, SCAN_HEAD, &[0xff, 0, 0xd9, 0xff, 0xd3, 7]], false);
        check(&[START, SCAN_HEAD, &[0xff, 0, 0xff, 0xd3, 7, 0xff, 0xff, 0xd9]], true);
    }

    #[test]
    fn every_scan_is_passed() {
        check(&[START, SCAN_HEAD, &[1], &[0xff, 0xc4, 0, 4, 0xff, 0xd9], SCAN_HEAD, &[2]], false);
        check(&[START, SCAN_HEAD, &[1], SCAN_HEAD, &[2, 0xff, 0xd9]], true);
    }
}
