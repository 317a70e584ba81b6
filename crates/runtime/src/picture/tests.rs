use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};

use super::*;

/// 32 x 16 pixels, the left half red and the right half blue.
fn red_left_blue_right() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, _| if x < 16 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) })
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// The orientation and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    let head = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    [&head[..], &[orientation, 0, 0, 0, 0, 0, 0, 0]].concat()
}

/// A JPEG with an EXIF block that holds the orientation and nothing else.
fn jpeg(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, 95)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .unwrap();
    let exif = [&b"Exif\0\0"[..], &exif(orientation)].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
}

#[test]
fn png_comes_out_as_it_went_in() {
    let source = red_left_blue_right();
    let picture = Picture::decode(&png(&source)).unwrap();
    assert_eq!((picture.width(), picture.height()), (32, 16));
    assert_eq!(picture.rgb(), source.as_raw());
}

/// Upright: green at the top left, then clockwise red, blue and white.
fn four_corners() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, y| match (x < 16, y < 8) {
        (true, true) => image::Rgb([0, 255, 0]),
        (false, true) => image::Rgb([255, 0, 0]),
        (false, false) => image::Rgb([0, 0, 255]),
        (true, false) => image::Rgb([255, 255, 255]),
    })
}

/// The colors clockwise from the top left.
fn corners(picture: &Picture) -> String {
    let (right, bottom) = (picture.width() - 3, picture.height() - 3);
    let color = |(x, y): (u32, u32)| {
        let at = ((y * picture.width() + x) * 3) as usize;
        match picture.rgb()[at..][..3] {
            [..100, 150..=255, ..100] => 'g',
            [150..=255, ..100, ..100] => 'r',
            [..100, ..100, 150..=255] => 'b',
            _ => 'w',
        }
    };
    [(2, 2), (right, 2), (right, bottom), (2, bottom)].into_iter().map(color).collect()
}

/// All eight values of EXIF 2.32, table 6: where row 0 and column 0 of what is stored belong.
#[test]
fn exif_orientation_is_applied() {
    let stored = four_corners();
    for (orientation, size, expected) in [
        (0, (32, 16), "grbw"),
        (1, (32, 16), "grbw"),
        (2, (32, 16), "rgwb"),
        (3, (32, 16), "bwgr"),
        (4, (32, 16), "wbrg"),
        (5, (16, 32), "gwbr"),
        (6, (16, 32), "wgrb"),
        (7, (16, 32), "brgw"),
        (8, (16, 32), "rbwg"),
        (9, (32, 16), "grbw"),
    ] {
        for (format, file) in [("jpeg", jpeg(&stored, orientation)), ("png", with_exif(png(&stored), orientation))] {
            let picture = Picture::decode(&file).unwrap();
            assert_eq!((picture.width(), picture.height()), size, "{format}, orientation {orientation}");
            assert_eq!(corners(&picture), expected, "{format}, orientation {orientation}");
        }
    }
}

/// A PNG with a chunk `eXIf` after its header.
fn with_exif(png: Vec<u8>, orientation: u8) -> Vec<u8> {
    let chunk = [&b"eXIf"[..], &exif(orientation)].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    [&png[..33], &length, &chunk, &crc32(&chunk).to_be_bytes(), &png[33..]].concat()
}

#[test]
fn other_kinds_of_pixels_become_rgb() {
    let decode = |picture: DynamicImage| {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        Picture::decode(&file.into_inner()).unwrap().rgb().to_vec()
    };
    let gray = image::GrayImage::from_raw(2, 1, vec![7, 200]).unwrap();
    assert_eq!(decode(gray.into()), [7, 7, 7, 200, 200, 200]);
    let transparent = image::RgbaImage::from_raw(1, 1, vec![10, 20, 30, 0]).unwrap();
    assert_eq!(decode(transparent.into()), [10, 20, 30], "the color behind transparency stays");
    let deep = image::ImageBuffer::<image::Rgb<u16>, _>::from_raw(1, 1, vec![0, 0x8080, 0xffff]).unwrap();
    assert_eq!(decode(deep.into()), [0, 0x80, 0xff]);
}

#[test]
fn broken_files_are_refused() {
    assert_eq!(Picture::decode(b"GIF89a"), Err(PictureError::Format));
    assert_eq!(Picture::decode(b""), Err(PictureError::Format));
    let whole = png(&red_left_blue_right());
    for cut in [9, 20, 40, whole.len() - 20] {
        assert!(matches!(Picture::decode(&whole[..cut]), Err(PictureError::Decode { .. })), "cut at {cut}");
    }
}

#[test]
fn a_jpeg_that_was_cut_is_refused() {
    let whole = jpeg(&red_left_blue_right(), 1);
    assert!(Picture::decode(&whole).is_ok());
    assert!(Picture::decode(&[&whole[..], b"a film that was appended"].concat()).is_ok());
    for cut in [whole.len() / 2, whole.len() - 20, whole.len() - 1] {
        assert!(matches!(Picture::decode(&whole[..cut]), Err(PictureError::Decode { .. })), "cut at {cut}");
    }
    let error = Picture::decode(&whole[..whole.len() - 20]).unwrap_err();
    let expected = "the picture cannot be decoded: the file is cut, its end marker is missing: fetch or save it again";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_huge_header_is_refused_before_decoding() {
    let mut file = png(&red_left_blue_right());
    file[16..20].copy_from_slice(&20_000_u32.to_be_bytes());
    let checksum = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(Picture::decode(&file), Err(PictureError::Size { width: 20_000, height: 16 }));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn rgb_must_have_the_length_of_its_size() {
    assert!(Picture::from_rgb(2, 2, vec![0; 12]).is_ok());
    assert!(matches!(Picture::from_rgb(2, 2, vec![0; 11]), Err(PictureError::Length { expected: 12, given: 11, .. })));
    assert!(matches!(Picture::from_rgb(1, 1, vec![0; 4]), Err(PictureError::Length { expected: 3, given: 4, .. })));
}

#[test]
fn sides_and_area_have_limits() {
    for (width, height) in [(0, 2), (2, 0), (0, 0), (16_385, 1), (1, 16_385), (16_384, 8_193), (u32::MAX, u32::MAX)] {
        let error = Picture::from_rgb(width, height, Vec::new()).unwrap_err();
        assert_eq!(error, PictureError::Size { width, height });
    }
    let error = Picture::from_rgb(16_384, 8_192, Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a picture of 16384 x 8192 pixels has 402653184 bytes of RGB, not 0",
        "the largest area is allowed"
    );
    let error = Picture::from_rgb(0, 4, Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "the picture has 0 x 4 pixels, allowed are sides of 1 to 16384 and 134217728 pixels");
}
